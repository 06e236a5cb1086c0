"""Which build a browser gets, from what real browsers send."""

import pytest

from delivery.endpoint.reads.platform import Unsure, detect

TARGETS = ("windows-x86_64", "darwin-aarch64", "darwin-x86_64", "linux-x86_64")


def chrome(where: str, mobile: str = "") -> str:
    return f"Mozilla/5.0 ({where}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 {mobile}Safari/537.36"


def safari(where: str, mobile: str = "") -> str:
    return f"Mozilla/5.0 ({where}) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 {mobile}Safari/605.1.15"


def firefox(where: str) -> str:
    return f"Mozilla/5.0 ({where}; rv:144.0) Gecko/20100101 Firefox/144.0"


WINDOWS = chrome("Windows NT 10.0; Win64; x64")
MAC = chrome("Macintosh; Intel Mac OS X 10_15_7")
LINUX = chrome("X11; Linux x86_64")
ANDROID = chrome("Linux; Android 10; K", "Mobile ")
CHROMEBOOK = chrome("X11; CrOS x86_64 14541.0.0")
SAFARI = safari("Macintosh; Intel Mac OS X 10_15_7")
IPHONE = safari("iPhone; CPU iPhone OS 18_0 like Mac OS X", "Mobile/15E148 ")


def found(agent: str | None, platform: str | None = None, arch: str | None = None, bits: str | None = None) -> str:
    said = {"User-Agent": agent, "Sec-CH-UA-Platform": platform, "Sec-CH-UA-Arch": arch, "Sec-CH-UA-Bitness": bits}
    return detect(said.get, TARGETS)


@pytest.mark.parametrize(
    ("agent", "hints", "target"),
    [
        (WINDOWS, ('"Windows"', '"x86"', '"64"'), "windows-x86_64"),
        (MAC, ('"macOS"', '"arm"', '"64"'), "darwin-aarch64"),
        (MAC, ('"macOS"', '"x86"', '"64"'), "darwin-x86_64"),
        (LINUX, ('"Linux"', '"x86"', '"64"'), "linux-x86_64"),
        (MAC, ('"macOS"', '"arm"', None), "darwin-aarch64"),
    ],
)
def test_client_hints_say_it_all(agent: str, hints: tuple[str | None, ...], target: str) -> None:
    assert found(agent, *hints) == target


@pytest.mark.parametrize(
    ("agent", "target"),
    [
        (WINDOWS, "windows-x86_64"),
        (WINDOWS.replace("Win64; x64", "WOW64"), "windows-x86_64"),
        (firefox("Windows NT 10.0; Win64; x64"), "windows-x86_64"),
        (firefox("X11; Linux x86_64"), "linux-x86_64"),
        (firefox("X11; Ubuntu; Linux x86_64"), "linux-x86_64"),
        (firefox("Wayland; Linux amd64"), "linux-x86_64"),
    ],
)
def test_a_browser_without_hints_is_told_by_its_user_agent(agent: str, target: str) -> None:
    assert found(agent) == target


def test_a_frozen_user_agent_never_overrules_a_hint() -> None:
    assert found(WINDOWS, '"Windows"', '"arm"', '"64"') is Unsure.no_build
    assert found(LINUX, '"Linux"', '"arm"', '"64"') is Unsure.no_build
    assert found(LINUX, '"Linux"') is Unsure.unknown  # it says x86_64 on ARM too, until it is asked again
    assert found(LINUX, '"Linux"', '""', '""') is Unsure.unknown
    assert found(LINUX, '"Chrome OS"') is Unsure.unknown
    assert found(MAC, '"macOS"', '"arm"', '"64"') == "darwin-aarch64"


@pytest.mark.parametrize(
    ("agent", "why"),
    [
        (SAFARI, Unsure.mac),
        (firefox("Macintosh; Intel Mac OS X 10.15"), Unsure.mac),
        (MAC, Unsure.mac),
        (ANDROID, Unsure.phone),
        (IPHONE, Unsure.phone),
        (firefox("Android 15; Mobile"), Unsure.phone),
        (firefox("Windows NT 10.0"), Unsure.no_build),  # 32 bits
        (firefox("Windows NT 10.0; ARM64"), Unsure.no_build),
        (firefox("X11; Linux aarch64"), Unsure.no_build),
        (firefox("X11; Linux i686"), Unsure.no_build),
        (firefox("X11; Linux riscv64"), Unsure.unknown),
        (firefox("X11; FreeBSD amd64"), Unsure.unknown),
        (CHROMEBOOK, Unsure.unknown),
        (chrome("Linux; Tizen 8.0; x86_64"), Unsure.unknown),
        (chrome("Web0S; Linux/SmartTV x86_64"), Unsure.unknown),
        ("Wget/1.21 (linux x86_64)", Unsure.unknown),
        ("curl/8.5.0", Unsure.unknown),
        ("", Unsure.unknown),
        (None, Unsure.unknown),
    ],
)
def test_where_there_is_a_doubt_nothing_is_guessed(agent: str | None, why: Unsure) -> None:
    assert found(agent) is why


@pytest.mark.parametrize(
    ("hints", "why"),
    [
        (('"Windows"', '"x86"', '"32"'), Unsure.no_build),
        (('"macOS"', '"riscv"', '"64"'), Unsure.unknown),
        (('"Android"', '"arm"', '"64"'), Unsure.phone),
        (('"iOS"', None, None), Unsure.phone),
        (('"Fuchsia"', '"x86"', '"64"'), Unsure.unknown),
        (('"macOS"', '""', '""'), Unsure.mac),
    ],
)
def test_hints_may_leave_a_doubt_too(hints: tuple[str | None, ...], why: Unsure) -> None:
    assert found("Mozilla/5.0", *hints) is why


def test_a_phone_that_asks_for_the_desktops_page_is_a_phone() -> None:
    said = {"User-Agent": LINUX, "Sec-CH-UA-Platform": '"Linux"', "Sec-CH-UA-Mobile": "?1"}
    assert detect(said.get, TARGETS) is Unsure.phone


def test_a_target_that_is_built_one_day_is_found_by_its_name() -> None:
    said = {"User-Agent": WINDOWS, "Sec-CH-UA-Platform": '"Windows"', "Sec-CH-UA-Arch": '"arm"'}
    assert detect(said.get, (*TARGETS, "windows-aarch64")) == "windows-aarch64"

"""What the site is told of an environment is checked like a stack file."""

import pytest

from delivery.site import settings
from delivery.site.settings import Cloudflare, Google

TOKEN = "0123456789abcdef0123456789abcdef"


def told(text: str) -> list[str]:
    return [str(each) for each in settings.read({settings.SETTINGS: text.encode()})[1]]


def test_everything_is_off_unless_it_is_named() -> None:
    filed, problems = settings.read(
        {settings.SETTINGS: b"repository: espice/delivery\nenvironments: {production: {}}\n"}
    )
    assert problems == ()
    assert filed
    assert filed.value.environments["production"] == settings.Place(None, None)


@pytest.mark.parametrize(
    ("said", "expected"),
    [(f'{{cloudflare: "{TOKEN}"}}', Cloudflare(TOKEN)), ("{ga4: G-ABC123DEF4}", Google("G-ABC123DEF4"))],
)
def test_analytics_are_of_one_kind(said: str, expected: object) -> None:
    text = f"repository: espice/delivery\nenvironments:\n  production: {{analytics: {said}}}\n"
    filed, problems = settings.read({settings.SETTINGS: text.encode()})
    assert problems == ()
    assert filed
    assert filed.value.environments["production"].analytics == expected


def test_recordings_are_asked_for_only_where_errors_are_told_and_the_settings_say_so() -> None:
    dsn = f"https://{TOKEN}@o1.ingest.example/2"
    text = "repository: espice/delivery\nenvironments: {production: {sentry: %s}}\n"
    for said, replay in ((f"{{dsn: {dsn!r}}}", False), (f"{{dsn: {dsn!r}, replay: true}}", True)):
        filed, problems = settings.read({settings.SETTINGS: (text % said).encode()})
        assert problems == ()
        assert filed
        assert filed.value.environments["production"].sentry == settings.Sentry(dsn, replay)
    assert told(text % "{replay: true}") != []


def test_what_is_wrong_is_told_with_its_place() -> None:
    text = "repository: espice\nenvironments:\n  production: {sentry: {dsn: http://a.b/1}, analytics: {matomo: 1}}\n"
    problems = told(text)
    assert problems[0].startswith("site/settings.yaml:1: repository: ")
    assert any(each.startswith("site/settings.yaml:3: environments.production.sentry.dsn: ") for each in problems)
    assert settings.read({})[1][0].what == "is missing"

"""Searching, and saying what one thinks."""

from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Page, Route, expect


def test_a_search_finds_a_page(page: Page) -> None:
    page.goto("/search/")
    page.get_by_role("searchbox").fill("monte carlo")
    result = page.locator("[data-results] a[href*='monte-carlo']").first
    expect(result).to_be_visible()
    result.click()
    expect(page.locator("h1")).to_contain_text("Monte Carlo", ignore_case=True)


def test_feedback_leads_to_a_form_at_github_that_holds_what_was_written(page: Page) -> None:
    asked = []

    def github(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(body="<title>GitHub</title>", content_type="text/html")

    page.route("https://github.com/**", github)
    page.goto("/feedback/")
    page.get_by_label("In one line").fill("A plot is empty")
    page.get_by_label("What happened, or what you wish").fill("I ran .tran 1u 1m & saw nothing")
    page.get_by_role("button", name="Go on at GitHub").click()
    expect(page).to_have_title("GitHub")
    [address] = asked
    said = parse_qs(urlsplit(address).query)
    assert urlsplit(address).path == "/espice/delivery/issues/new"
    assert (said["template"], said["title"]) == (["bug.yml"], ["A plot is empty"])
    assert said["what"] == ["I ran .tran 1u 1m & saw nothing"]
    assert "consent" not in said

"""The URLs that an installation makes of its configuration."""

import json
import re
from pathlib import Path

import yaml

from clients.reference.installation import espice_endpoints

ROOT = Path(__file__).parents[3]


def test_placeholders_are_filled_in_paths_and_queries(app):
    url = app(current="1.0.0-b.1+5").url(
        "https://u.example/%7B%7Btarget%7D%7D/{{arch}}/{{current_version}}?b={{bundle_type}}"
    )
    assert url == "https://u.example/linux/x86_64/1.0.0-b.1%2B5?b=appimage"


def test_a_placeholder_that_the_plugin_does_not_know_stays(app):
    url = app().url("https://u.example/{{channel}}?to={{channel}}")
    assert url == "https://u.example/%7B%7Bchannel%7D%7D?to={{channel}}"  # as a URL spells it


def test_espice_asks_the_endpoint_first_and_its_manifest_second(app):
    ladder = espice_endpoints("http://u.example", "http://d.example", "stable", cohort=0, manual=True, failed="1.4.0+1")
    assert [app().url(endpoint) for endpoint in ladder] == [
        "http://u.example/v1/update/stable/linux/x86_64/1.3.0?bundle=appimage&cohort=0&manual=1&failed=1.4.0%2B1",
        "http://d.example/v1/update/stable/linux/x86_64/appimage.json",
    ]


def test_what_is_mirrored_at_github_is_asked_last(app):
    mirror = "https://github.com/o/n/releases/download/manifests"
    ladder = espice_endpoints("http://u.example", "http://d.example", "beta-next", mirror_url=mirror)
    assert [app(bundle="unknown").url(endpoint) for endpoint in ladder[1:]] == [
        "http://d.example/v1/update/beta-next/linux/x86_64/unknown.json",
        f"{mirror}/beta-next-linux-x86_64-unknown.json",
    ]


def test_an_app_says_nothing_that_it_does_not_know():
    endpoint, _ = espice_endpoints("http://u.example", "http://d.example", "beta")
    assert endpoint.endswith("?bundle={{bundle_type}}")


def test_the_ladder_is_the_one_that_people_are_told_to_configure():
    """In docs/client.md, for the hosts and the repository that production is set to."""
    infra = yaml.safe_load((ROOT / "Pulumi.production.yaml").read_text())["config"]["espice:infra"]
    domain = yaml.safe_load((ROOT / "product.yaml").read_text())["environments"]["production"]["domain"]
    mirror = f"https://github.com/{infra['github']['repository']}/releases/download/manifests"
    ladder = espice_endpoints(f"https://updates.{domain}", f"https://downloads.{domain}", "stable", mirror_url=mirror)
    configured = json.loads(re.findall(r"```json\n(.*?)```", (ROOT / "docs/client.md").read_text(), re.DOTALL)[0])
    assert tuple(configured["plugins"]["updater"]["endpoints"]) == ladder

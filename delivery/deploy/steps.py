"""The straight line from a commit to what an apply writes: read, check, build, plan, publication. No engine, no cloud.

Every caller (the follower of the laptop, `./inv check|plan|preview|apply`) goes this way, so what a pull request
shows is what a merge does. All but its end is `rules.prepare`.
"""

from collections.abc import Mapping
from datetime import datetime

from delivery.artifacts import notices
from delivery.artifacts.manifests import manifests
from delivery.rules.brake import Override, braked
from delivery.rules.compile import compile
from delivery.rules.prepare import Prepared, compare, examine, prepare
from infra.publication import Publication


def publication(
    prepared: Prepared,
    head: bytes,
    downloads_url: str,
    now: datetime,
    beside: Mapping[str, bytes] | None = None,
    override: Override | None = None,
) -> Publication:
    """What the live stack writes; `beside` the manifests, by key in the downloads bucket.

    The catalog is of the facts alone, which the endpoint reads together with the override; a manifest has only itself.
    """
    product = prepared.facts.product.value.product
    table = compile(braked(prepared.catalog, override)) if override else prepared.table
    return Publication(
        catalog=prepared.data,
        catalog_sha256=prepared.sha256,
        head=head,
        manifests={
            **manifests(table, now, downloads_url, product),
            notices.KEY: notices.notices(prepared.catalog, now),
            **(beside or {}),
        },
        brake=override.number if override else 0,
    )


__all__ = ["Prepared", "compare", "examine", "prepare", "publication"]

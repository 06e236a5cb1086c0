"""The notices as sites and apps read them: one small static file, made from the catalog and the time alone."""

from datetime import datetime
from typing import Any

import msgspec

from delivery.rules.catalog import Catalog, Told

KEY = "v1/notices.json"  # in the downloads bucket


def notices(catalog: Catalog, now: datetime) -> bytes:
    """Those whose time has come and that were not lifted, by name; an empty list where there are none."""
    told = [_said(each) for each in catalog.notices if each.at <= now]
    return msgspec.json.encode({"product": catalog.product, "notices": told}, order="sorted") + b"\n"


def _said(notice: Told) -> dict[str, Any]:
    return {
        "notice": notice.name,
        "channels": notice.channels,
        "versions": notice.versions,
        "at": notice.at,
        "text": notice.text,
        "url": notice.url,
        "support_ends": notice.support_ends,
    }

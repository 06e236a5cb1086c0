"""An audit as one page to keep, send or print: no script, nothing fetched from elsewhere, all text escaped."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from delivery.present import audit as told
from delivery.present import chronicle
from delivery.present.audit import Audit

_PAGES = Path(__file__).parent / "pages"


def page(audit: Audit) -> str:
    """The HTML."""
    pages = Environment(
        loader=FileSystemLoader(_PAGES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return pages.get_template("audit.html").render(audit=audit, told=told, commit=chronicle.commit)

"""Every problem of the site's content and settings at once: what `./inv check` says of them."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from delivery.rules.problem import Problem
from delivery.rules.read import File
from delivery.site import content, links, mdx, settings, simulate, spelling
from delivery.site.content import Content
from delivery.site.links import Known

PICTURES = "site/public/"
PATHS = (content.FOLDER, settings.SETTINGS, links.ADDRESSES, links.VERSIONS, PICTURES)  # what is looked at


def check(files: Mapping[str, File], now: datetime) -> tuple[Problem, ...]:
    """What is wrong in these files (path -> bytes), which are those of PATHS. Pure; never raises."""
    found, problems = content.read(files)
    told = (*settings.read(files)[1], *problems, *content.judge(found, now), *_texts(found, files))
    return tuple(sorted({*told, *simulate.stale(files)}))


def _texts(found: Content, files: Mapping[str, File]) -> Iterator[Problem]:
    texts = {path: mdx.text(page) for path, page in found.pages.items()}
    known = Known(found, texts, links.standing(files), files)
    ours = spelling.words(files.get(spelling.WORDS, b""))
    yield from links.taken(found, known.standing)
    for path, page in found.pages.items():
        yield from texts[path].problems
        yield from links.judge(page, known)
        yield from spelling.judge(page, texts[path], ours)

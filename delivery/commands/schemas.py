"""schemas: writes the JSON Schemas of the facts and of the site's content, for editors."""

from delivery.commands.desk import ROOT, command, out
from delivery.rules.schemas import SCHEMAS
from delivery.rules.schemas import schemas as of_facts
from delivery.site.schemas import schemas as of_site


@command
def schemas() -> int:
    """Every schema that the types say, and no other."""
    texts = {**of_facts(), **of_site()}
    for path in sorted((ROOT / SCHEMAS).glob("*.json")):
        if path.relative_to(ROOT).as_posix() not in texts:
            path.unlink()
    (ROOT / SCHEMAS).mkdir(exist_ok=True)
    for name, text in texts.items():
        (ROOT / name).write_text(text, encoding="utf-8")
    out.print(f"{len(texts)} schemas in {SCHEMAS} say what the types say.")
    return 0

"""schemas: writes the JSON Schemas of the facts, for editors."""

from delivery.commands.desk import ROOT, command, out
from delivery.rules.schemas import SCHEMAS
from delivery.rules.schemas import schemas as made


@command
def schemas() -> int:
    """Every schema that the types say, and no other."""
    texts = made()
    for path in sorted((ROOT / SCHEMAS).glob("*.json")):
        if path.relative_to(ROOT).as_posix() not in texts:
            path.unlink()
    (ROOT / SCHEMAS).mkdir(exist_ok=True)
    for name, text in texts.items():
        (ROOT / name).write_text(text, encoding="utf-8")
    out.print(f"{len(texts)} schemas in {SCHEMAS} say what the types say.")
    return 0

"""r2-keys: puts the key for R2's S3 interface where every program of AWS looks: a profile of the credentials file."""

import os
import re
from pathlib import Path

from delivery.commands.desk import ROOT, Usage, command, out
from delivery.rules.facts import Product
from delivery.rules.load import parse
from delivery.rules.problem import Refused
from delivery.rules.shapes import Environment
from infra.names import Names

CLOUDS: tuple[Environment, ...] = ("staging", "production")
VARIABLES = {"R2_ACCESS_KEY_ID": "aws_access_key_id", "R2_SECRET_ACCESS_KEY": "aws_secret_access_key"}


@command
def r2_keys(environment: str) -> int:
    """Write the key that two variables hold into the environment's profile; all else in that file stays."""
    name = next((each for each in CLOUDS if each == environment), None)
    if name is None:
        raise Usage(f"{environment}: name staging or production; the laptop's R2 asks for no key")
    lacking = [variable for variable in VARIABLES if not os.environ.get(variable, "").strip()]
    if lacking:
        raise Usage(f"set {' and '.join(lacking)}: the halves of a key that Cloudflare made for R2 in {name}")
    product, problems = parse("product.yaml", (ROOT / "product.yaml").read_bytes(), Product)
    if product is None:
        raise Refused(problems)
    profile, file = Names.of(product.value, name).r2_profile, _file()
    lines = [f"{setting} = {os.environ[variable].strip()}" for variable, setting in VARIABLES.items()]
    _write(file, profile, "\n".join((f"[{profile}]", *lines, "")))
    out.print(f"wrote {file}: the profile {profile} has R2's key", markup=False)
    return 0


def _file() -> Path:
    """Where AWS's programs have it."""
    named = os.environ.get("AWS_SHARED_CREDENTIALS_FILE")
    return Path(named).expanduser() if named else Path.home() / ".aws" / "credentials"


def _write(file: Path, profile: str, section: str) -> None:
    """Whole or not at all, and for nobody else to read."""
    before = file.read_text() if file.exists() else ""
    others = re.sub(rf"(?ms)^\[{re.escape(profile)}\].*?(?=^\[|\Z)", "", before)
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    half = file.with_name(f"{file.name}.half")
    with open(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as opened:
        opened.write(f"{others.rstrip()}\n\n{section}".lstrip())
    half.replace(file)

"""repo-settings: how the repository is set at GitHub, compared with what .github/settings.yaml says. Reads only."""

from collections.abc import Sequence
from dataclasses import asdict

from rich.box import SIMPLE_HEAD
from rich.table import Column, Table
from rich.text import Text

from delivery.commands.desk import ROOT, command, out, print_json
from delivery.commands.proposed import one_line
from delivery.present.words import counted
from delivery.proposals import choose, github_settings, settings
from delivery.proposals.forge import ForgeError
from delivery.proposals.github_api import Api, Patience
from delivery.proposals.settings import Compared


@command
def repo_settings(as_json: bool) -> int:
    """Exit status 0 where nothing differs, 1 where something does or could not be read. Raises ForgeError, Refused."""
    file = ROOT / settings.FILE
    wanted = settings.load(file.read_bytes() if file.is_file() else None)
    name = choose.at_github(ROOT)
    if name is None:
        raise ForgeError("this repository is not at GitHub, so it has no settings there; its origin says where it is")
    rights = f"that may read Administration and Actions of {name}"
    token = choose.token(f"the settings of {name} are read at GitHub", rights)
    api = Api(choose.api(), name, token, Patience())
    real = github_settings.read(api, name, wanted.value)
    found = settings.compare(wanted, real)
    if as_json:
        print_json({"repository": name, "settings": [_machine(each) for each in found], "notes": list(real.notes)})
    else:
        _print(name, found, real.notes)
    return 1 if any(each.mend for each in found) else 0


def _machine(each: Compared) -> dict[str, str]:
    return {key.rstrip("_"): value for key, value in asdict(each).items()}


def _print(name: str, found: Sequence[Compared], notes: Sequence[str]) -> None:
    columns = (Column(each, overflow="fold") for each in ("wanted", "is"))
    table = Table(Column("what", no_wrap=True), *columns, box=SIMPLE_HEAD)
    for each in found:
        style = "yellow" if each.mend else ""
        table.add_row(each.what, each.wanted, Text(one_line(each.is_), style))
    out.print(table)
    wrong = [each for each in found if each.mend]
    for each in wrong:
        out.print(one_line(str(each)), markup=False)
    for note in notes:
        out.print(f"note: {one_line(note)}", markup=False)
    differ = f"{counted(len(wrong), 'setting')} to mend" if wrong else "nothing differs"
    out.print(f"{name}: {differ} ({len(found)} compared)", markup=False)

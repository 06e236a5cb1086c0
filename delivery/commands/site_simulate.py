"""site simulate: runs ngspice over the circuits that the site draws."""

from delivery.commands.desk import ROOT, command, err, out, print_json
from delivery.site import simulate as circuits


@command
def simulate(name: str, as_json: bool) -> int:
    """Of one circuit, or of all. Exit status 1 where one was not simulated; those before it are kept."""
    written = []
    for each in [name] if name else circuits.names(ROOT):
        try:
            written.append(circuits.simulate(ROOT, each))
        except circuits.NoSimulation as missing:
            err.print(str(missing), markup=False)
            return 1
        if not as_json:
            out.print(str(written[-1].relative_to(ROOT)), markup=False)
    if as_json:
        print_json([str(path.relative_to(ROOT)) for path in written])
    return 0

"""engine: gets the real Pulumi engine onto this machine."""

from delivery.commands.desk import command, out, print_json
from delivery.commands.progress import watched
from delivery.engines import cli, obtain


@command
def engine(as_json: bool) -> int:
    """Find it, install it or build it, and say which."""
    got = watched(obtain.obtain)
    if as_json:
        print_json({"version": cli.version(), "path": str(got.path), "way": got.way, "seconds": round(got.seconds, 1)})
    else:
        out.print(f"pulumi {cli.version()}: {got.way}, {got.seconds:.0f} s: {got.path}", markup=False)
    return 0

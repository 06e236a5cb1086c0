"""client: builds the real client, which the tests ask beside the one in Python."""

from delivery.commands.desk import command, err, out, print_json
from delivery.commands.progress import watched
from delivery.laptop import client as real


@command
def client(as_json: bool, install: bool) -> int:
    """Find it or build it, and say where it is."""
    try:
        got = watched(lambda tell: real.obtain(tell, install))
    except real.NoClient as error:
        err.print(str(error), markup=False)
        return 1
    if as_json:
        print_json({"path": str(got.path), "built": got.is_new, "seconds": round(got.seconds, 1)})
    else:
        way = f"built in {got.seconds:.0f} s" if got.is_new else "it is in the cache"
        out.print(f"the real client: {way}: {got.path}", markup=False)
    return 0

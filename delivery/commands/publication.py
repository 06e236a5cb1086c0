"""publication: what the live stack would write, as a folder, for whoever runs the program with plain `pulumi up`."""

from pathlib import Path

from delivery.commands import wished
from delivery.commands.desk import Usage, command, out
from delivery.commands.stacks import sited
from infra.stacks import Kind


@command
def publication(stack: str, folder: str) -> int:
    """Write catalog, signed head and manifests of HEAD into a new folder."""
    environment, kind = wished.named(stack)
    if kind is not Kind.live:
        raise Usage(f"{stack}: only a live stack is made from a publication; name {Kind.live.of(environment)}")
    with sited(environment, kind, to_write=True) as site:
        made = wished.publication(site.wish, site.there)
    try:
        made.write(Path(folder))
    except OSError as error:
        raise Usage(str(error)) from None
    out.print(f"wrote {folder}: ESPICE_PUBLICATION={folder} pulumi up --stack {stack}", markup=False)
    return 0

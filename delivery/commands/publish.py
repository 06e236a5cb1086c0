"""publish: brings the artifacts of versions to where they are kept and downloaded, once and for ever."""

from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from delivery.artifacts.publish import Fetch, lacking, publish, unpublished
from delivery.commands import wished
from delivery.commands.desk import Usage, command, err, out, print_json
from delivery.commands.released import released
from delivery.commands.wished import Wish
from delivery.deploy.cloud import Cloud
from delivery.engines.engine_pulumi import unreachable
from delivery.engines.stack import EngineError
from infra.stacks import Kind


@command
def publish_(environment: str, from_: str, as_json: bool) -> int:
    """Verify every artifact that lacks, and put it into the archive and the downloads; nothing is ever overwritten."""
    wish = _wish(environment)
    cloud = wished.cloud(wish)
    archive, downloads = cloud.store(wish.names.archive), cloud.store(wish.names.downloads)
    try:
        fetch = _built(wish, Path(from_)) if from_ else released(lacking(wish.facts, (archive, downloads)))
        done = publish(wish.facts, wish.environment, fetch, archive, downloads, _say)
    except (BotoCoreError, ClientError) as error:
        mend = "what was written stays, so publish again when that is mended"
        raise EngineError(f"{unreachable(str(error))}; {mend}") from None
    if as_json:
        print_json({"environment": environment, "written": list(done.written), "complete": list(done.complete)})
    else:
        out.print(f"{environment}: {len(done.written)} objects written; {len(done.complete)} versions were complete")
    return 0


def refuse_unpublished(wish: Wish, cloud: Cloud) -> None:
    """Nobody may be offered what nobody can download. Raises EngineError."""
    try:
        incomplete = unpublished(wish.facts, cloud.store(wish.names.downloads))
    except (BotoCoreError, ClientError) as error:
        raise EngineError(unreachable(str(error))) from None
    if incomplete:
        mend = f"./inv publish {wish.environment} puts them there, from their releases at GitHub"
        raise EngineError(f"not all of {', '.join(incomplete)} lies in {wish.names.downloads}; {mend}")


def _wish(environment: str) -> Wish:
    named, kind = wished.named(environment)
    if named == "laptop" or kind is not Kind.platform:
        raise Usage(f"{environment}: name staging or production; the laptop publishes its samples by itself")
    return Wish.of_head(named)


def _built(wish: Wish, folder: Path) -> Fetch:
    """The files of the builds: `<folder>/<version>/<file>`, or `<folder>/<file>`."""

    def fetch(version: str, target: str, bundle: str) -> bytes:
        name = wish.facts.versions[version].value.artifacts[target][bundle].file
        places = [folder / version / name, folder / name]
        for place in places:
            if place.is_file():
                return place.read_bytes()
        raise Usage(f"{name} of {version} is neither {' nor '.join(map(str, places))}; name the folder that holds it")

    return fetch


def _say(key: str) -> None:
    err.print(f"written: {key}", markup=False)

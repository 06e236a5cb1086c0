"""publish: brings the artifacts of versions to where they are kept and downloaded, once and for ever."""

from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from delivery.artifacts.publish import Fetch, lacking, publish, unpublished
from delivery.commands import live, wished
from delivery.commands.desk import Usage, command, err, out, print_json
from delivery.commands.released import released
from delivery.commands.wished import Wish
from delivery.deploy.cloud import Cloud
from delivery.engines.engine_pulumi import unreachable
from delivery.engines.stack import EngineError


@command
def publish_(environment: str, from_: str, as_json: bool) -> int:
    """Verify every artifact that lacks, and put it into the archive and the downloads; nothing is ever overwritten."""
    wish = Wish.of_head(live.in_a_cloud(environment, "the laptop publishes its samples by itself"))
    if from_ and not Path(from_).is_dir():
        raise Usage(f"--from {from_}: there is no such folder; name the one that holds the files")
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

"""Where the laptop keeps its things: everything lies under .state/laptop of the checkout, and nowhere else."""

import json
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Places:
    """Paths below one checkout."""

    repo: Path

    @property
    def state(self) -> Path:
        """All of it; may be deleted while nothing runs."""
        return self.repo / ".state" / "laptop"

    @property
    def lock(self) -> Path:
        """Held by the one `up` that runs."""
        return self.state / "up.lock"

    @property
    def report(self) -> Path:
        """What runs, for `status`, `down` and scripts."""
        return self.state / "up.json"

    @property
    def ports(self) -> Path:
        """The ports chosen last time."""
        return self.state / "ports.json"

    @property
    def aws(self) -> str:
        """Where the AWS of the laptop that runs is."""
        return f"http://127.0.0.1:{json.loads(self.ports.read_text())['aws']}"

    @property
    def endpoints(self) -> Path:
        """The ports of the endpoint builds that run."""
        return self.state / "endpoints.json"

    @property
    def trees(self) -> Path:
        """Program code exported from commits, by the hash of that code."""
        return self.state / "trees"

    @property
    def builds(self) -> Path:
        """Endpoint builds, unpacked, by digest."""
        return self.state / "builds"

    @property
    def engine(self) -> Path:
        """The embedded engine's deployments."""
        return self.state / "engine"

    @property
    def pulumi(self) -> Path:
        """The real engine's state and work, where it is the one that runs the laptop."""
        return self.state / "pulumi"

    @property
    def ledger(self) -> Path:
        """What the laptop's clouds have realised; the Cloudflare account is this and nothing else."""
        return self.state / "cloud" / "ledger.json"

    @property
    def edge(self) -> Path:
        """nginx: its configuration, cache and temporary files."""
        return self.state / "edge"

    @property
    def databases(self) -> Path:
        """PostgreSQL's own files, by instance; what it holds outlasts `down`."""
        return self.state / "databases"

    @property
    def faults(self) -> Path:
        """What the laptop's AWS does wrong on purpose; empty unless somebody rehearses."""
        return self.state / "faults"

    @property
    def override(self) -> Path:
        """The brake's override as it lay in AWS last, which forgets it when it ends."""
        return self.state / "override.json"

    @property
    def samples(self) -> Path:
        """The bytes of the sample artifacts."""
        return self.state / "samples"

    def log(self, name: str) -> Path:
        """What a process printed."""
        return self.state / "logs" / f"{name}.log"

    def last_live(self) -> str | None:
        """The commit that was live last, if one ever was."""
        try:
            return (self.state / "live").read_text()
        except FileNotFoundError:
            return None

    def remember_live(self, commit: str) -> None:
        """For the next start."""
        (self.state / "live").write_text(commit)

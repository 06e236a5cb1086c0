"""Every physical name and host, in one place.

Explicit names are what lets the live stack find what the platform stack made, without reading its state,
and what makes both engines name things alike. Pure: knows no cloud and no size.
"""

from __future__ import annotations

from dataclasses import dataclass

from delivery.rules.facts import Product
from delivery.rules.shapes import Environment

CATALOG_PREFIX = "catalog/"
HEAD_KEY = f"{CATALOG_PREFIX}head.json"
OVERRIDE_KEY = f"{CATALOG_PREFIX}override.json"
HISTORY_KEY = f"{CATALOG_PREFIX}history.json"  # the same bytes as PUBLIC_HISTORY, where the endpoint may read
PUBLIC_HISTORY = "v1/history.json"  # in the downloads bucket
ALIAS = "live"


def catalog_key(sha256: str) -> str:
    """Where the catalog with this digest lies in the catalog bucket."""
    return f"{CATALOG_PREFIX}{sha256}.json"


def build_key(sha256: str) -> str:
    """Where the build with this digest lies in the bucket of builds."""
    return f"{sha256}.zip"


def trust_key(sha256: str) -> str:
    """Where the certificates with this digest, which may call the API, lie in the bucket of builds."""
    return f"trust/{sha256}.pem"


def log_group(function: str) -> str:
    """Where Lambda itself writes a function's log."""
    return f"/aws/lambda/{function}"


def database_log(instance: str) -> str:
    """Where RDS itself writes the log of a PostgreSQL instance."""
    return f"/aws/rds/instance/{instance}/postgresql"


@dataclass(frozen=True, slots=True)
class Names:
    """What everything is called in one environment."""

    product: str
    environment: Environment
    domain: str

    @classmethod
    def of(cls, product: Product, environment: Environment) -> Names:
        """The names of an environment of product.yaml; KeyError if it has no such environment."""
        return cls(product.product, environment, product.environments[environment].domain)

    def _name(self, what: str) -> str:
        return f"{self.product}-{self.environment}-{what}"

    @property
    def archive(self) -> str:
        """S3 bucket of everything ever published; nothing in it is ever overwritten."""
        return self._name("archive")

    @property
    def builds(self) -> str:
        """S3 bucket of builds, made by the ground stack: the platform runs what lies there already."""
        return self._name("builds")

    @property
    def state(self) -> str:
        """S3 bucket of the engine's state, made by the bootstrap before any program runs."""
        return self._name("state")

    @property
    def logs(self) -> str:
        """S3 bucket of the other buckets' access logs."""
        return self._name("logs")

    @property
    def secrets_key(self) -> str:
        """Alias of the KMS key that encrypts secrets in state and stack files; made by the bootstrap."""
        return f"alias/{self._name('secrets')}"

    @property
    def head_key(self) -> str:
        """Alias of the KMS key that signs the catalog's head, and never an artifact."""
        return f"alias/{self._name('head')}"

    @property
    def brake_key(self) -> str:
        """Alias of the KMS key that signs the override, and nothing that could offer more."""
        return f"alias/{self._name('brake')}"

    @property
    def catalog(self) -> str:
        """S3 bucket that the endpoint reads."""
        return self._name("catalog")

    @property
    def downloads(self) -> str:
        """R2 bucket of artifacts and static manifests."""
        return self._name("downloads")

    @property
    def site(self) -> str:
        """R2 bucket of the web site."""
        return self._name("site")

    @property
    def r2_profile(self) -> str:
        """The profile of AWS's shared files whose keys may write to this environment's R2 buckets."""
        return self._name("r2")

    @property
    def in_r2(self) -> tuple[str, ...]:
        """The buckets that lie in R2; all others lie in S3."""
        return (self.downloads, self.site)

    @property
    def function(self) -> str:
        """Lambda function of the update endpoint; also the name of its HTTP API and of its role."""
        return self._name("updates")

    @property
    def log_group(self) -> str:
        """Where Lambda itself writes the update endpoint's log."""
        return log_group(self.function)

    @property
    def console(self) -> str:
        """Lambda function of the console; also the name of its HTTP API, of its role and of its Access application."""
        return self._name("console")

    @property
    def consumer(self) -> str:
        """Lambda function that writes events into the database; also the name of its role."""
        return self._name("consumer")

    @property
    def events(self) -> str:
        """SQS queue of events; what cannot be written ends in `events_failed`."""
        return self._name("events")

    @property
    def events_failed(self) -> str:
        """Dead-letter queue of events."""
        return f"{self.events}-failed"

    @property
    def database(self) -> str:
        """RDS instance of the telemetry; also the name of its subnet group, parameter group and security group."""
        return self._name("telemetry")

    @property
    def network(self) -> str:
        """VPC of the database and the consumer."""
        return self._name("network")

    @property
    def vault(self) -> str:
        """Vault of the database's daily copies."""
        return self._name("vault")

    @property
    def dashboard(self) -> str:
        """CloudWatch dashboard."""
        return self._name("health")

    @property
    def boundary(self) -> str:
        """The policy that says what a role may do at most that the platform's own apply makes."""
        return self._name("boundary")

    def role(self, does: str) -> str:
        """The role under which a workflow does this: preview, platform-deploy, live-deploy, publish or brake."""
        return self._name(does)

    @property
    def probe(self) -> str:
        """Lambda function that asks for updates as installations do; also the name of its role and its schedule."""
        return self._name("probe")

    @property
    def pages(self) -> str:
        """SNS topic of alarms that cannot wait until the morning."""
        return self._name("pages")

    @property
    def tickets(self) -> str:
        """SNS topic of alarms that can."""
        return self._name("tickets")

    @property
    def kept(self) -> bool:
        """Whether what lies here must survive a mistake: everywhere but on a laptop, whose cloud forgets anyway."""
        return self.environment != "laptop"

    def alarm(self, what: str) -> str:
        """An alarm, such as espice-staging-updates-errors."""
        return self._name(what)

    @property
    def updates_host(self) -> str:
        """Where installations ask."""
        return f"updates.{self.domain}"

    @property
    def downloads_host(self) -> str:
        """Where artifacts and static manifests are got from."""
        return f"downloads.{self.domain}"

    @property
    def console_host(self) -> str:
        """Where staff see what is live; Cloudflare Access stands in front."""
        return f"console.{self.domain}"

    @property
    def www_host(self) -> str:
        """What people type out of habit; it leads to the site."""
        return f"www.{self.domain}"

    @property
    def site_host(self) -> str:
        """The web site: the domain itself."""
        return self.domain

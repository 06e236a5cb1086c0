"""What the consumer must be told, and the environment variables that tell it.

Infrastructure and laptop call `to_env`, the consumer `from_env`: the variables' names stand nowhere else.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from delivery.endpoint import variables
from delivery.endpoint.variables import Said


@dataclass(frozen=True, slots=True)
class Settings:
    """One consumer. `database_authority` is the PEM text of the certificate that signs the database's own."""

    database_host: str
    database_port: int
    database_name: str
    database_user: str  # may sign in by IAM, and owns the tables
    region: str
    database_authority: str = ""
    database_iam: bool = True  # false where nobody asks who connects: on a laptop
    keep_events: int = 14  # days of raw events
    keep_outcomes: int = 365  # days of how each attempt to update ended

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "Settings":
        """The settings in these variables.

        Raises BadSettings with everything that is missing or wrong at once.
        """
        return cls(**variables.read(cls, env, _SAID))

    def to_env(self) -> dict[str, str]:
        """The variables that say this."""
        return variables.write(self)


def _certificate(text: str) -> str:
    if text and not text.lstrip().startswith("-----BEGIN CERTIFICATE-----"):
        raise ValueError(text)
    return text


_DAYS = Said(variables.whole(8, 3653), "set it to a number of days, at least 8, or leave it unset")
_SAID: Mapping[str, Said] = {
    "database_host": Said(variables.word, "set it to the host of the database"),
    "database_port": Said(variables.whole(1, 65_535), "set it to the port of the database, such as 5432"),
    "database_name": Said(variables.word, "set it to the name of the database"),
    "database_user": Said(variables.word, "set it to the user that owns the tables"),
    "region": Said(variables.word, "set it to the database's region, such as eu-central-1"),
    "database_authority": Said(_certificate, "set it to a certificate in PEM form, or leave it unset"),
    "database_iam": Said(variables.switch, "set it to true or false, or leave it unset"),
    "keep_events": _DAYS,  # an event may be a week old when it comes
    "keep_outcomes": _DAYS,
}

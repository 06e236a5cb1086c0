"""Does an attestation that GitHub keeps hold: do these bytes come from a workflow of this repository, at this commit?

Sigstore's own library verifies the signature, the short-lived certificate, that both were logged in public, and when;
its roots of trust are those in the very release of it that is pinned, so nobody is asked. What the certificate says is
then held against the build. What GitHub signs by authorities of its own, as it does for private repositories and of
releases that cannot change, is in no public log: it is told apart, and nothing is said of it.

https://docs.github.com/en/actions/concepts/security/artifact-attestations
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import as_file, files
from typing import Any
from urllib.parse import quote

from cryptography.x509 import ExtensionNotFound
from sigstore.errors import Error
from sigstore.models import Bundle, TrustedRoot
from sigstore.verify import Verifier
from sigstore.verify.policy import AllOf, OIDCIssuerV2, OIDCSourceRepositoryDigest, OIDCSourceRepositoryURI

ISSUER = "https://token.actions.githubusercontent.com"
_ROOTS = "https://tuf-repo-cdn.sigstore.dev"
_STATEMENT = "application/vnd.in-toto+json"


class DoesNotHold(Exception):  # noqa: N818 - reads as what is wrong
    """An attestation is not what it should be; the text says in what."""


def trusted_root() -> TrustedRoot:
    """Sigstore's public one, as the pinned release of its library has it."""
    with as_file(files("sigstore._store") / quote(_ROOTS, safe="") / "trusted_root.json") as file:
        return TrustedRoot.from_file(str(file))


def is_public(bundle: Mapping[str, Any]) -> bool:
    """Whether it says that it is in a public log, and so can be verified here."""
    return bool(bundle.get("verificationMaterial", {}).get("tlogEntries"))


@dataclass(frozen=True)
class Attestor:
    """The builds of a repository (owner/name), at one commit."""

    repository: str
    commit: str
    root: TrustedRoot

    def verify(self, bundle: Mapping[str, Any], sha256: str) -> None:
        """Raises DoesNotHold where this is no attestation that a workflow of the repository built these bytes."""
        try:
            kind, payload = self._verifier.verify_dsse(Bundle.from_json(json.dumps(bundle)), self._policy)
            subjects = json.loads(payload)["subject"] if kind == _STATEMENT else ()
            named = [subject["digest"].get("sha256") for subject in subjects]
        except (Error, ExtensionNotFound, ValueError, LookupError, TypeError, AttributeError) as error:
            raise DoesNotHold(" ".join(str(error).split()) or type(error).__name__) from None
        if sha256 not in named:
            raise DoesNotHold("it is of other bytes")

    @cached_property
    def _verifier(self) -> Verifier:
        return Verifier(trusted_root=self.root)

    @cached_property
    def _policy(self) -> AllOf:
        where = f"https://github.com/{self.repository}"
        return AllOf([OIDCIssuerV2(ISSUER), OIDCSourceRepositoryURI(where), OIDCSourceRepositoryDigest(self.commit)])

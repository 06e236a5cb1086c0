"""Who asks: the word of Cloudflare Access, proved by its signature.

Access stands in front and signs a JWT for each request that it lets through. It is proved here again, so that nobody
who finds a way around the edge sees anything.
"""

from typing import Protocol

import jwt

from delivery.console.settings import Access

KEPT_S = 3600  # seconds that the team's keys are kept; Cloudflare changes them every six weeks
AGAIN_S = 30  # seconds between two looks for a key nobody has heard of: a new one, or a forger's
PATIENCE_S = 3  # seconds to wait for the keys
LEEWAY_S = 10  # seconds that two clocks may differ


class Denied(Exception):  # noqa: N818 - what happened to the request
    """Nobody who is let in. The text may be shown to them."""


class Unproved(Exception):  # noqa: N818 - what became of the claim
    """Whether they are let in cannot be said now. The text may be shown to them."""


class Gate(Protocol):
    """Says who asks."""

    def who(self, token: str | None) -> str:
        """The e-mail address of the person whom this JWT was given to.

        Raises Denied or Unproved.
        """


class CloudflareAccess:
    """Access of one team, for one application."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._keys = jwt.PyJWKClient(access.keys_url, lifespan=KEPT_S, timeout=PATIENCE_S, cooldown_duration=AGAIN_S)

    def who(self, token: str | None) -> str:
        """See Gate."""
        if not token:
            raise Denied("only Cloudflare Access leads here")
        try:
            said = jwt.decode(
                token,
                self._keys.get_signing_key_from_jwt(token),
                algorithms=["RS256"],
                audience=self._access.access_audience,
                issuer=self._access.issuer,
                leeway=LEEWAY_S,
                options={"require": ["aud", "email", "exp", "iat", "iss"]},
            )
        except jwt.PyJWKClientConnectionError:
            raise Unproved("the keys of Cloudflare Access cannot be had now") from None
        except (jwt.PyJWTError, ValueError) as error:
            raise Denied(f"the word of Cloudflare Access does not hold: {type(error).__name__}") from None
        return str(said["email"])

"""Who is let in to what staff see: Cloudflare Access asks before a request goes anywhere."""

from __future__ import annotations

import pulumi
import pulumi_cloudflare as cloudflare
from pulumi import ResourceOptions

from infra.config import InfraConfig
from infra.names import Names

SESSION = "12h"  # a working day: signed in once each


class Access(pulumi.ComponentResource):
    """The console's application, all of its paths, and the one policy that lets staff in.

    `aud` is what the application calls itself in the tokens that it sends along; the console believes no other.
    """

    def __init__(self, name: str, *, names: Names, config: InfraConfig, provider: pulumi.ProviderResource) -> None:
        super().__init__("espice:infra:Access", name)
        options = ResourceOptions(parent=self, provider=provider)
        staff = cloudflare.ZeroTrustAccessPolicy(
            "console-staff",
            account_id=config.cloudflare.account,
            name=names.console,
            decision="allow",
            includes=[_included(each) for each in config.console.staff],
            session_duration=SESSION,
            opts=options,
        )
        application = cloudflare.ZeroTrustAccessApplication(
            "console-access",
            account_id=config.cloudflare.account,
            name=names.console,
            type="self_hosted",
            domain=names.console_host,
            session_duration=SESSION,
            http_only_cookie_attribute=True,
            same_site_cookie_attribute="lax",  # the sign-in leads back here from another site
            app_launcher_visible=False,
            policies=[{"id": staff.id, "precedence": 1}],
            opts=options,
        )
        self.aud = application.aud
        self.register_outputs({"aud": self.aud})


def _included(who: str) -> cloudflare.ZeroTrustAccessPolicyIncludeArgsDict:
    """`@espice.app` is everybody of that domain, anything else one address."""
    if who.startswith("@"):
        return {"email_domain": {"domain": who.removeprefix("@")}}
    return {"email": {"email": who}}

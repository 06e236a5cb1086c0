"""The providers, told explicitly where they may act. Never the default ones: those would take any account.

They hold no secret. AWS credentials are the role the apply runs under; the Cloudflare token is CLOUDFLARE_API_TOKEN;
the keys for R2's S3 interface are a profile of the shared credentials file, named by `Names.r2_profile`.
"""

from __future__ import annotations

import pulumi_aws as aws

from infra.config import Aws, Cloudflare
from infra.names import Names


def aws_provider(config: Aws) -> aws.Provider:
    """AWS, in this account and region only: with credentials of any other account every operation is refused."""
    return aws.Provider("aws", region=config.region, allowed_account_ids=[config.account])


def r2_provider(names: Names, config: Cloudflare, endpoint: str | None = None) -> aws.Provider:
    """R2 by its S3 interface, at Cloudflare or at `endpoint`. It knows no AWS accounts, so none is asked for."""
    return aws.Provider(
        "r2",
        region="auto",
        profile=names.r2_profile,
        endpoints=[{"s3": endpoint or config.r2}],
        s3_use_path_style=True,
        skip_credentials_validation=True,
        skip_metadata_api_check=True,
        skip_region_validation=True,
        skip_requesting_account_id=True,
    )

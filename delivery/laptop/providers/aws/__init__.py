"""AWS on the laptop: its resource types, realised by boto3 on a moto server, a module for each service."""

from delivery.laptop.providers.aws import acm, apigateway, cloudwatch, iam, lambda_, route53, s3, sns
from delivery.laptop.providers.aws.account import caller_identity

HANDLERS = {
    **acm.HANDLERS,
    **apigateway.HANDLERS,
    **cloudwatch.HANDLERS,
    **iam.HANDLERS,
    **lambda_.HANDLERS,
    **route53.HANDLERS,
    **s3.HANDLERS,
    **sns.HANDLERS,
}
FUNCTIONS = {"aws:index/getCallerIdentity:getCallerIdentity": caller_identity}

"""AWS on the laptop: its resource types, realised by boto3 on a moto server, a module for each service."""

from delivery.laptop.providers.aws import (
    acm,
    apigateway,
    backup,
    budgets,
    cloudwatch,
    ec2,
    iam,
    kms,
    lambda_,
    rds,
    route53,
    s3,
    scheduler,
    sns,
    sqs,
)
from delivery.laptop.providers.aws.account import caller_identity

HANDLERS = {
    **acm.HANDLERS,
    **apigateway.HANDLERS,
    **backup.HANDLERS,
    **budgets.HANDLERS,
    **cloudwatch.HANDLERS,
    **ec2.HANDLERS,
    **iam.HANDLERS,
    **kms.HANDLERS,
    **lambda_.HANDLERS,
    **rds.HANDLERS,
    **route53.HANDLERS,
    **s3.HANDLERS,
    **scheduler.HANDLERS,
    **sns.HANDLERS,
    **sqs.HANDLERS,
}
FUNCTIONS = {"aws:index/getCallerIdentity:getCallerIdentity": caller_identity}

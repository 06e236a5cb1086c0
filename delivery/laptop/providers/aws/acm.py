"""ACM certificates. On the laptop a certificate counts as validated at once; no key or certificate is made."""

# ruff: noqa: ARG002 - the interface gives every method what some type needs

from __future__ import annotations

import hashlib

from delivery.engines.wire import Properties
from delivery.laptop.providers.aws.account import Account, ask, chosen, quietly
from delivery.laptop.providers.handler import Explicit, Handler

_OPTIONS = {
    "validationMethod": "ValidationMethod",
    "subjectAlternativeNames": "SubjectAlternativeNames",
    "keyAlgorithm": "KeyAlgorithm",
}


class Certificate(Explicit[Account]):
    key = ("domainName",)
    replaces = frozenset(_OPTIONS)
    on_record = False

    def create(self, cloud: Account, inputs: Properties) -> tuple[str, Properties]:
        domain = inputs["domainName"]
        arn = self._existing(cloud, domain) or self._request(cloud, domain, inputs)
        others = inputs.get("subjectAlternativeNames", [])
        names = dict.fromkeys([domain, *others])
        options = [_validation_record(name) for name in names]
        return arn, {"arn": arn, "domainValidationOptions": options, "status": "PENDING_VALIDATION"}

    def look(self, cloud: Account, identity: str, outputs: Properties) -> Properties | None:
        answer = ask(cloud.client("acm").describe_certificate, CertificateArn=identity)
        if answer is None:
            return None
        certificate = answer["Certificate"]
        others = [name for name in certificate["SubjectAlternativeNames"] if name != certificate["DomainName"]]
        method = certificate["DomainValidationOptions"][0].get("ValidationMethod")
        # moto keeps no key algorithm but its own.
        told = {"domainName": certificate["DomainName"], "validationMethod": method, "arn": identity}
        return {**told, "subjectAlternativeNames": others or None}

    def delete(self, cloud: Account, identity: str, outputs: Properties) -> None:
        quietly(cloud.client("acm").delete_certificate, CertificateArn=identity)

    def _existing(self, cloud: Account, domain: str) -> str | None:
        listed = cloud.client("acm").list_certificates()["CertificateSummaryList"]
        return next((each["CertificateArn"] for each in listed if each["DomainName"] == domain), None)

    def _request(self, cloud: Account, domain: str, inputs: Properties) -> str:
        answer = cloud.client("acm").request_certificate(DomainName=domain, **chosen(inputs, _OPTIONS))
        return str(answer["CertificateArn"])


def _validation_record(name: str) -> Properties:
    """The DNS record that would prove the domain, in ACM's form; nothing on the laptop asks for it."""
    digest = hashlib.sha256(name.encode()).hexdigest()
    return {
        "domainName": name,
        "resourceRecordName": f"_{digest[:32]}.{name.removeprefix('*.')}.",
        "resourceRecordType": "CNAME",
        "resourceRecordValue": f"_{digest[32:]}.acm-validations.aws.",
    }


class CertificateValidation(Handler[Account]):
    key = ("certificateArn",)
    replaces = frozenset({"validationRecordFqdns"})
    on_record = False

    def create(self, cloud: Account, inputs: Properties) -> tuple[str, Properties]:
        arn = inputs["certificateArn"]
        cloud.client("acm").describe_certificate(CertificateArn=arn)  # one that does not exist cannot be valid
        return f"{arn}/validated", {}

    def look(self, cloud: Account, identity: str, outputs: Properties) -> Properties | None:
        arn = identity.removesuffix("/validated")
        is_there = ask(cloud.client("acm").describe_certificate, CertificateArn=arn) is not None
        return {"certificateArn": arn} if is_there else None


HANDLERS: dict[str, Handler[Account]] = {
    "aws:acm/certificate:Certificate": Certificate(),
    "aws:acm/certificateValidation:CertificateValidation": CertificateValidation(),
}

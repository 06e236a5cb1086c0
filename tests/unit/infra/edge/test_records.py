"""The zone's own records."""

from infra.edge.records import records
from infra.names import Names
from tests.unit.infra.recorder import DOMAINS, infra_of

RECORDS = records(Names("espice", "staging", "espice-staging.app"))


def test_four_authorities_may_issue_certificates_and_no_other():
    issued = {each["data"]["value"] for each in RECORDS.values() if each["type"] == "CAA"}
    assert issued == {"amazon.com", "letsencrypt.org", "pki.goog", "ssl.com"}
    assert {each["data"]["tag"] for each in RECORDS.values() if each["type"] == "CAA"} == {"issue"}


def test_no_mail_comes_from_here_and_none_is_taken():
    mail = {name: (each["name"], each["type"], each["content"]) for name, each in RECORDS.items() if "mail" in name}
    assert mail == {
        "mail-spf": ("espice-staging.app", "TXT", '"v=spf1 -all"'),
        "mail-dmarc": ("_dmarc.espice-staging.app", "TXT", '"v=DMARC1; p=reject; sp=reject; adkim=s; aspf=s"'),
        "mail-dkim": ("*._domainkey.espice-staging.app", "TXT", '"v=DKIM1; p="'),
        "mail-none": ("espice-staging.app", "MX", "."),
    }
    assert RECORDS["mail-none"]["priority"] == 0


def test_no_alarm_is_sent_to_a_domain_that_takes_no_mail():
    for environment, domain in DOMAINS.items():
        assert [each for each in infra_of(environment).alarms.recipients if each.endswith(f"@{domain}")] == []


def test_www_leads_nowhere_by_itself():
    www = RECORDS["www"]
    assert (www["name"], www["type"], www["content"]) == ("www.espice-staging.app", "AAAA", "100::")
    assert (www["proxied"], www["ttl"]) == (True, 1)

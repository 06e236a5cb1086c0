"""secret set: a stack file's secret, encrypted as the Pulumi CLI does it. The plain text is never written anywhere."""

import sys

from delivery.commands import wished
from delivery.commands.desk import ROOT, Usage, command, out, put
from delivery.deploy import secrets
from delivery.engines.stack import EngineError
from delivery.rules.facts import Product
from delivery.rules.load import parse
from delivery.rules.problem import Refused
from infra import config as stack_file
from infra.names import Names


@command
def secret(action: str, stack: str, key: str) -> int:
    """`set`: encrypt what standard input says, and write it into the stack file."""
    if action != "set":
        raise Usage(f"secret {action}: there is only set; ./inv secret set {stack} {key} < FILE")
    environment, _ = wished.named(stack)
    if environment == "laptop":
        raise Usage("the laptop's secrets are demo ones, in delivery/laptop/keys; name staging or production")
    if key not in stack_file.SECRETS:
        known = "; ".join(f"{name}: {what}" for name, what in stack_file.SECRETS.items())
        raise Usage(f"{key}: no program asks for this secret; there is {known}")
    if sys.stdin.isatty():
        out.print(f"type or paste {stack_file.SECRETS[key]}; end with Ctrl-D", markup=False)
    text = sys.stdin.read().strip()
    if not text:
        raise Usage(f"standard input is empty; ./inv secret set {stack} {key} < FILE")
    path = stack_file.path(environment)
    before = (ROOT / path).read_bytes()
    infra, problems = stack_file.read(path, before)
    product, more = parse("product.yaml", (ROOT / "product.yaml").read_bytes(), Product)
    if infra is None or product is None:
        raise Refused((*more, *problems))
    provider = secrets.provider(Names.of(product.value, environment), infra.aws.region)
    sealing = stack_file.sealing(path, before)
    try:
        after = secrets.with_secret(before, sealing, key, text, provider)
        written = secrets.opened(stack_file.sealing(path, after))
    except EngineError as error:
        raise Usage(str(error)) from None
    if stack_file.read(path, after)[0] != infra or written.get(f"espice:{key}") != text:
        raise Usage(f"{path}: the secret would not be read back as it was given; nothing was written")
    put(ROOT / path, after)
    out.print(f"wrote {path}: espice:{key} is set, encrypted for {provider}; commit it", markup=False)
    return 0

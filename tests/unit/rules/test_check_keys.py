"""The rules of the keys that product.yaml trusts."""

from tests.unit.rules.files import OURS, PRODUCT, edited, errors, said

A, B = ("ab" * 32, "QUJD"), ("cd" * 32, "REVG")


def trusting(heads: tuple[str, str], brakes: tuple[str, str]) -> list[str]:
    def listed(key: tuple[str, str]) -> str:
        return f'[{{id: "{key[0]}", public: {key[1]}, trusted-in: [laptop], note: a key for tests}}]'

    return errors(said(edited(PRODUCT, "  heads: []", f"  heads: {listed(heads)}\n  brakes: {listed(brakes)}")))


def test_a_key_for_each_is_no_problem() -> None:
    assert trusting(A, B) == []


def test_a_key_that_signs_heads_may_not_brake_by_whichever_name() -> None:
    assert trusting(A, A) == [
        f"{PRODUCT}:10: keys.brakes.0: {A[0]} is one of keys.heads, too; make a key for this alone"
    ]
    assert trusting(A, (B[0], A[1])) == [
        f"{PRODUCT}:10: keys.brakes.0: {B[0]} is one of keys.heads, too; make a key for this alone"
    ]


def test_a_key_that_signs_what_users_install_may_neither_release_nor_brake() -> None:
    assert trusting((OURS, "QUJD"), (B[0], "AAAA")) == [
        f"{PRODUCT}:9: keys.heads.0: {OURS} is one of keys.artifacts, too; make a key for this alone",
        f"{PRODUCT}:10: keys.brakes.0: {B[0]} is one of keys.artifacts, too; make a key for this alone",
    ]

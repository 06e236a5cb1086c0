"""A publication as a folder."""

import hashlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.publication import Publication
from tests.examples import examples


def made(catalog: bytes = b"{}", brake: int = 0, **manifests: bytes) -> Publication:
    return Publication(catalog, hashlib.sha256(catalog).hexdigest(), b"head", manifests, brake)


@examples(30)  # each writes files
@given(
    catalog=st.binary(),
    manifests=st.dictionaries(st.from_regex(r"([a-z]{1,5}/){0,2}[a-z]{1,5}\.json", fullmatch=True), st.binary()),
    brake=st.integers(0, 10**9),
)
def test_what_is_read_is_what_was_written(tmp_path_factory, catalog, manifests, brake):
    folder = tmp_path_factory.mktemp("publication") / "new"
    publication = made(catalog, brake, **manifests)
    publication.write(folder)
    assert Publication.read(folder) == publication


def test_a_publication_is_never_mixed_with_another(tmp_path):
    made().write(tmp_path)
    with pytest.raises(FileExistsError) as refused:
        made().write(tmp_path)
    assert str(refused.value) == (
        f"{tmp_path} is not empty; name a new folder, a publication is never mixed with another"
    )


def test_a_head_that_would_name_another_catalog_is_refused():
    with pytest.raises(ValueError) as refused:  # noqa: PT011 - the whole message is compared
        replace(made(), catalog=b"other")
    assert str(refused.value) == (
        f"the catalog's sha256 is {hashlib.sha256(b'other').hexdigest()}, "
        f"but the publication names {hashlib.sha256(b'{}').hexdigest()}; "
        "build the publication again, for the head names the same digest"
    )

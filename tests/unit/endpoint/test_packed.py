"""What is kept for those who ask comes out as it went in."""

import gzip

from hypothesis import given
from hypothesis import strategies as st

from delivery.endpoint.packed import Packed


@given(data=st.binary(max_size=2000))
def test_packed_bytes_come_out_as_they_went_in(data: bytes) -> None:
    packed = Packed.of(data)
    assert (packed.plain(), packed.size) == (data, len(data))
    assert gzip.decompress(packed.packed) == data  # as any client reads them


def test_the_same_bytes_are_packed_into_the_same() -> None:
    assert Packed.of(b"a catalog" * 1000) == Packed.of(b"a catalog" * 1000)

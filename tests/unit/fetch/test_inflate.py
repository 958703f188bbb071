"""Bounded inflation: a cut body is never whole, a bomb never large."""

from __future__ import annotations

import gzip
import random
import tracemalloc
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govreport_parse.fetch.inflate import codings, inflate
from govreport_parse.fetch.limits import Limits

TEXT = "县政府信息公开工作年度报告".encode() * 500
NOISE = random.Random(7).randbytes(700_000)
LIMITS = Limits(decoded=4 << 20, ratio=200, ratio_from=1 << 20)


def raw_deflate(data: bytes) -> bytes:
    engine = zlib.compressobj(9, zlib.DEFLATED, -15)
    return engine.compress(data) + engine.flush()


@pytest.mark.parametrize("body", [b"x", TEXT, NOISE, b""])
@pytest.mark.parametrize(
    ("names", "pack"),
    [
        (["gzip"], gzip.compress),
        (["x-gzip"], gzip.compress),
        (["deflate"], zlib.compress),
        (["deflate"], raw_deflate),
        (["deflate", "gzip"], lambda data: gzip.compress(zlib.compress(data))),
        (["identity", "gzip", "utf-8"], gzip.compress),
    ],
)
def test_whole_body_comes_back(body: bytes, names: list[str], pack: object) -> None:
    found = inflate(pack(body), names, LIMITS)  # type: ignore[operator]
    assert (found.content, found.problem, found.verified) == (body, "", True)


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress])
def test_every_cut_is_noticed(pack: object) -> None:
    whole = pack(TEXT)  # type: ignore[operator]
    name = "gzip" if pack is gzip.compress else "deflate"
    for end in range(2, len(whole)):
        assert inflate(whole[:end], [name], LIMITS).problem == "truncated", end


def test_every_flipped_bit_of_gzip_is_noticed_or_harmless() -> None:
    whole = bytearray(gzip.compress(TEXT, mtime=0))
    for place in range(10, len(whole)):  # the ten bytes of the head carry no data
        whole[place] ^= 0x10
        found = inflate(bytes(whole), ["gzip"], LIMITS)
        assert found.problem in ("corrupt", "truncated") or found.content == TEXT, place
        whole[place] ^= 0x10


def test_output_held_back_at_the_bound_of_a_step_comes_out() -> None:
    """The last match may be cut by the size of a step when no input is left."""
    for length in (*range((1 << 18) - 3, (1 << 18) + 300), 1 << 19, (1 << 19) + 7):
        found = inflate(raw_deflate(bytes(length)), ["deflate"], LIMITS)
        assert (len(found.content), found.problem) == (length, ""), length


def test_members_and_junk() -> None:
    one, two = gzip.compress(TEXT), gzip.compress(NOISE)
    assert inflate(one + two, ["gzip"], LIMITS).content == TEXT + NOISE
    assert inflate(two + one, ["gzip"], LIMITS).content == NOISE + TEXT
    assert inflate(two + b"\0" * 100, ["gzip"], LIMITS).content == NOISE
    assert inflate(one + two[:-9], ["gzip"], LIMITS).problem == "truncated"
    assert inflate(gzip.compress(b"") * 5000, ["gzip"], LIMITS).problem == "bomb"


def test_plain_body_marked_as_compressed() -> None:
    for name in ("gzip", "deflate"):
        found = inflate(b"<html>" + TEXT, [name], LIMITS)
        assert (found.content, found.problem, found.verified) == (b"<html>" + TEXT, "", False)


def test_empty_body_marked_as_compressed_is_cut() -> None:
    assert inflate(b"", ["gzip"], LIMITS).problem == "truncated"
    assert inflate(b"\x1f", ["gzip"], LIMITS).problem == "truncated"
    assert inflate(b"", ["deflate"], LIMITS).problem == "truncated"


@pytest.mark.parametrize("names", [["br"], ["zstd"], ["gzip", "br"], ["gzip"] * 3, ["compress"]])
def test_other_codings_are_refused(names: list[str]) -> None:
    found = inflate(gzip.compress(TEXT), names, LIMITS)
    assert (found.problem, found.content) == ("coding", b"")
    assert found.detail


def test_bomb_is_stopped_within_its_bounds() -> None:
    engine = zlib.compressobj(9, wbits=31)
    zeros = b"\0" * (1 << 20)
    bomb = b"".join(engine.compress(zeros) for _ in range(64)) + engine.flush()
    for names, raw in ((["gzip"], bomb), (["gzip", "gzip"], gzip.compress(bomb))):
        tracemalloc.start()
        found = inflate(raw, names, Limits(decoded=4 << 20, ratio=10_000))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert found.problem == "bomb"
        assert found.content == b""
        assert peak < 8 << 20
    assert "200 times" in inflate(bomb, ["gzip"], Limits()).detail


def test_a_small_page_may_compress_well() -> None:
    page = b"<td></td>" * 100_000  # 900 kB, 1 MiB is free
    assert inflate(gzip.compress(page), ["gzip"], LIMITS).content == page


def test_names_of_codings() -> None:
    assert codings([b" GZip , deflate", b"", b"br"]) == ["gzip", "deflate", "br"]
    assert codings([b"\xff"]) == ["ÿ"]


@settings(max_examples=400, deadline=None)
@given(
    st.one_of(st.binary(max_size=200), st.binary(max_size=99).map(lambda b: b"\x1f\x8b\x08" + b)),
    st.lists(st.sampled_from(["gzip", "deflate", "identity", "br", "x"]), max_size=4),
)
def test_no_bytes_raise(raw: bytes, names: list[str]) -> None:
    inflate(raw, names, LIMITS)


def test_the_last_byte_and_the_last_member_within_the_bounds_are_taken() -> None:
    bounds = Limits(decoded=1000, ratio=200, ratio_from=1 << 20)
    whole = inflate(gzip.compress(NOISE[:1000]), ["gzip"], bounds)
    assert (whole.problem, whole.content) == ("", NOISE[:1000])
    assert inflate(gzip.compress(NOISE[:1001]), ["gzip"], bounds).problem == "bomb"
    steep = Limits(decoded=4 << 20, ratio=2, ratio_from=5000)
    assert inflate(gzip.compress(b"x" * 5000), ["gzip"], steep).problem == ""
    assert inflate(gzip.compress(b"x" * 5001), ["gzip"], steep).problem == "bomb"
    member = gzip.compress(b"x")
    assert inflate(member * 4096, ["gzip"], LIMITS).content == b"x" * 4096
    assert inflate(member * 4097, ["gzip"], LIMITS).problem == "bomb"


def test_an_end_mark_that_was_seen_holds_for_what_is_no_gzip_inside() -> None:
    body = gzip.compress(TEXT)
    found = inflate(body, ["gzip", "gzip"], LIMITS)
    assert (found.content, found.problem, found.verified) == (TEXT, "", True)
    assert not inflate(TEXT, ["gzip", "gzip"], LIMITS).verified

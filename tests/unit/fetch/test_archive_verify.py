"""Damage in the archive: each flipped byte is found and named, and no damaged page given out."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from fetch.exchanges import clock, done, exchange

from govreport_parse.errors import DatasetError
from govreport_parse.fetch.archive import (
    Damage,
    Problem,
    SegmentEnd,
    Span,
    iter_records,
    read_payload,
    scan_segment,
    segment_path,
    verify_archive,
)
from govreport_parse.fetch.state import open_state

Harvest = tuple[Path, list[Span], tuple[SegmentEnd, ...]]
NAME = "govreport-00001.warc.gz"
URLS = [f"http://h{n}.gov.cn/{n}.html" for n in range(6)]
BODIES = [random.Random(n).randbytes(300) + b"<td>0</td>" * 60 for n in range(5)]


@pytest.fixture
def harvest(tmp_path: Path) -> Harvest:
    """Six pages, the last with the payload of the first."""
    folder = tmp_path / "h"
    with open_state(folder, clock) as state, state.open_archive(info={"a": "b"}) as archive:
        batch = [
            done(archive, exchange(url, body))
            for url, body in zip(URLS, [*BODIES, BODIES[0]], strict=True)
        ]
        state.record(batch, archive.sync())
        spans, ends = list(state.spans()), state.segments()
    assert verify_archive(folder, spans, ends) == []
    return folder, spans, ends


def byte_classes(folder: Path) -> Iterator[tuple[str, int]]:
    """Every byte of the segment with what it is for."""
    records = list(iter_records(folder))
    size = segment_path(folder, NAME).stat().st_size
    starts = [record.offset for record in records]
    for start, end in zip(starts, [*starts[1:], size], strict=True):
        for at in range(start, end):
            kind = "head" if at < start + 10 else "trailer" if at >= end - 8 else "packed"
            yield kind, at


def test_every_flipped_bit_is_found_and_its_page_named(harvest: Harvest) -> None:
    folder, spans, ends = harvest
    path = segment_path(folder, NAME)
    whole = path.read_bytes()
    chance = random.Random(6)
    places: dict[str, list[int]] = {}
    for kind, at in byte_classes(folder):
        places.setdefault(kind, []).append(at)
    # the last byte of a packed record has bits that no reader looks at
    ends_of_packed = [span.offset + span.length - 9 for span in spans]
    flips = [
        *((at, bit) for at in ends_of_packed for bit in range(8)),
        *((at, chance.randrange(8)) for at in places["head"]),
        *((at, chance.randrange(8)) for at in places["trailer"]),
        *((at, chance.randrange(8)) for at in chance.sample(places["packed"], 650)),
    ]
    assert len(flips) > 1000
    for at, bit in flips:
        damaged = bytearray(whole)
        damaged[at] ^= 1 << bit
        path.write_bytes(damaged)
        found = verify_archive(folder, spans, ends)
        home = next((s for s in spans if s.offset <= at < s.offset + s.length), None)
        assert found, (at, bit)
        assert found[0].is_loss
        if home is None:
            assert found == [Problem(NAME, 0, "", "the warcinfo record is damaged")]
            continue
        assert (found[0].offset, found[0].url) == (home.offset, home.url)
        # a page that repeats the payload of a damaged one is lost with it
        other = [p.url for p in found[1:]]
        assert other == [] or (home.url, other) == (URLS[0], [URLS[5]])
    path.write_bytes(whole)


def test_a_damaged_page_is_not_given_out(harvest: Harvest) -> None:
    folder, spans, _ = harvest
    path = segment_path(folder, NAME)
    span = spans[2]
    place = (span.payload_segment, span.payload_offset, span.payload_length, span.sha256)
    assert read_payload(folder, *place) == BODIES[2]
    whole = path.read_bytes()
    for at in range(span.offset, span.offset + span.payload_length - 9, 7):
        damaged = bytearray(whole)
        damaged[at] ^= 0x10
        path.write_bytes(damaged)
        with pytest.raises(DatasetError, match="damaged") as caught:
            read_payload(folder, *place)
        assert caught.value.context["reason"] == "damaged"
        assert caught.value.context["segment"] == NAME


def test_another_record_is_not_taken_for_the_page(harvest: Harvest) -> None:
    folder, spans, _ = harvest
    one, two = spans[0], spans[1]
    with pytest.raises(DatasetError, match="not the one that was archived"):
        read_payload(folder, NAME, one.offset, one.payload_length, two.sha256)
    with pytest.raises(DatasetError, match="more than one record"):
        read_payload(folder, NAME, one.offset, one.length, one.sha256)
    with pytest.raises(DatasetError, match="cut"):
        read_payload(folder, NAME, one.offset, one.payload_length - 1, one.sha256)
    with pytest.raises(DatasetError, match="gzip head"):
        read_payload(folder, NAME, one.offset + 1, one.payload_length - 1, one.sha256)
    with pytest.raises(DatasetError, match="too early"):
        read_payload(folder, NAME, spans[5].offset, 10**9, one.sha256)


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "/etc/passwd", "govreport-1.warc.gz", "", "x"]
)
def test_a_name_can_not_lead_out_of_the_archive(tmp_path: Path, name: str) -> None:
    with pytest.raises(DatasetError, match="no name of an archive segment"):
        read_payload(tmp_path, name, 0, 10, "")


def test_cut_missing_empty_and_longer_segments(harvest: Harvest) -> None:
    folder, spans, ends = harvest
    path = segment_path(folder, NAME)
    whole = path.read_bytes()
    path.write_bytes(whole[:-1])
    found = verify_archive(folder, spans, ends)
    assert [(p.url, p.reason) for p in found] == [
        (URLS[5], "the record is cut"),
        ("", "the file ends 1 bytes too early"),
    ]
    path.write_bytes(whole[: spans[1].offset])
    assert [p.url for p in verify_archive(folder, spans, ends)] == [*URLS[1:], ""]
    path.write_bytes(whole[: spans[3].offset] + b"\0" * (len(whole) - spans[3].offset))
    assert [p.url for p in verify_archive(folder, spans, ends)] == URLS[3:]
    path.write_bytes(whole + b"tail")
    assert verify_archive(folder, spans, ends) == [
        Problem(NAME, len(whole), "", "4 bytes behind the last saved page", is_loss=False)
    ]
    path.write_bytes(b"")
    assert [p.url for p in verify_archive(folder, spans, ends)] == ["", *URLS]
    path.unlink()
    found = verify_archive(folder, spans, ends)
    assert [p.url for p in found] == ["", *URLS]
    assert "can't be read" in str(found[0])


def test_a_segment_that_the_state_does_not_know_is_told(harvest: Harvest) -> None:
    folder, spans, ends = harvest
    other = segment_path(folder, "govreport-00009.warc.gz")
    other.write_bytes(b"x")
    (problem,) = verify_archive(folder, spans, ends)
    assert (problem.segment, problem.is_loss) == ("govreport-00009.warc.gz", False)


def test_a_link_in_place_of_a_segment_is_not_followed(harvest: Harvest) -> None:
    folder, spans, ends = harvest
    path = segment_path(folder, NAME)
    path.rename(folder / "moved")
    path.symlink_to(folder / "moved")
    assert len(verify_archive(folder, spans, ends)) == 7
    with pytest.raises(DatasetError, match="is a link"):
        read_payload(folder, NAME, 0, 10, "")


def test_a_scan_goes_on_behind_a_damage(harvest: Harvest) -> None:
    folder, spans, _ = harvest
    path = segment_path(folder, NAME)
    damaged = bytearray(path.read_bytes())
    at = spans[2].offset + 40
    damaged[at : at + 30] = bytes(30)
    path.write_bytes(damaged)
    found = list(scan_segment(folder, NAME))
    assert [f.offset for f in found if isinstance(f, Damage)] == [spans[2].offset]
    whole = [f for f in found if not isinstance(f, Damage)]
    assert [r.url for r in whole if r.kind in ("response", "revisit")] == [
        url for url in URLS if url != URLS[2]
    ]
    with pytest.raises(DatasetError, match="damaged"):
        list(iter_records(folder))


def test_a_record_that_claims_to_be_huge_is_refused(tmp_path: Path, harvest: Harvest) -> None:
    from govreport_parse.fetch.archive import read
    from govreport_parse.fetch.archive.records import GzipMember

    folder = harvest[0]
    path = segment_path(folder, NAME)
    member = GzipMember(9)
    member.write(bytes(3 << 20))
    path.write_bytes(member.finish())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(read, "LARGEST", 1 << 20)
        (found,) = scan_segment(folder, NAME)
        assert isinstance(found, Damage)
        assert "more than any record" in found.reason
        with pytest.raises(DatasetError, match="cut"):
            read_payload(folder, NAME, 0, path.stat().st_size, "")

"""Collections go in, reports come out: every kind of file, whole and damaged."""

from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from mining.collections_made import members, noise, page, record, report_page, report_text

import govreport_parse as gov
from govreport_parse.mining import mine

ADDRESS = "http://www.qinghe.gov.cn/art/2024/1/12/art_77_{}.html"


def rows() -> list[dict[str, str]]:
    """Forty rows of which numbers 8, 18, 28 and 38 (from 1) are reports."""
    return [
        {
            "text": report_text(i) if i % 10 == 7 else noise(i),
            "url": ADDRESS.format(i),
            "timestamp": f"2024-03-{i % 28 + 1:02d}T00:00:00Z",
        }
        for i in range(40)
    ]


def sources_of(folder: Path) -> dict[str, tuple[str, str]]:
    table = gov.load(folder).reports.to_table(["source_name", "url", "retrieved"])
    return {r["source_name"]: (r["url"], r["retrieved"]) for r in table.to_pylist()}


@pytest.mark.parametrize("kind", ["jsonl", "jsonl.gz", "jsonl.zst", "parquet", "csv", "tsv"])
def test_text_corpora_give_their_reports_with_provenance(kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"corpus.{kind}"
    if kind.startswith("jsonl"):
        # escaped and plain lines in turn
        lines = [
            json.dumps(r, ensure_ascii=i % 2 == 0).encode() + b"\n" for i, r in enumerate(rows())
        ]
        data = b"".join(lines)
        if kind.endswith("gz"):
            data = gzip.compress(data)
        elif kind.endswith("zst"):
            data = bytes(pa.Codec("zstd").compress(data, asbytes=True))
        path.write_bytes(data)
    elif kind == "parquet":
        pq.write_table(pa.Table.from_pylist(rows()), path)
    else:
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(
                file, ["url", "text", "timestamp"], delimiter="\t" if kind == "tsv" else ","
            )
            writer.writeheader()
            writer.writerows(rows())
    result = mine([path], tmp_path / "out")
    assert (result.files, result.documents, result.candidates, result.reports) == (1, 40, 4, 4)
    assert (result.no_report, result.failures, result.damaged, result.unreadable) == (0, 0, 0, 0)
    assert sources_of(tmp_path / "out") == {
        f"{path.name}#{i + 1}": (ADDRESS.format(i), f"2024-03-{i % 28 + 1:02d}T00:00:00Z")
        for i in (7, 17, 27, 37)
    }


def test_figures_are_those_of_the_planted_report(tmp_path: Path) -> None:
    path = tmp_path / "one.jsonl"
    path.write_text(json.dumps({"content": report_text(3, "D2")}) + "\n", "utf-8")
    mine([path], tmp_path / "out")
    (row,) = gov.load(tmp_path / "out").reports.to_table(["report_id", "year"]).to_pylist()
    direct = gov.parse(report_text(3, "D2"))
    assert row == {"report_id": direct.report_id, "year": direct.year}


def archive() -> list[bytes]:
    """A WARC of ten records: reports are numbers 3 and 8 (from 0)."""
    out = [record("warcinfo", b"software: by hand\r\n")]
    for i in range(1, 10):
        text = report_page(i) if i in (3, 8) else f"<html><body>{noise(i)}</body></html>"
        out.append(page(ADDRESS.format(i), text))
    return out


@pytest.mark.parametrize("kind", ["warc", "warc.gz", "warc.zst", "one.gz"])
def test_archives_give_their_reports_with_offsets(kind: str, tmp_path: Path) -> None:
    records = archive()
    path = tmp_path / f"web.{kind}"
    plain = b"".join(records)
    if kind == "warc.gz":
        path.write_bytes(members(records))
        starts = {i: len(members(records[:i])) for i in (3, 8)}
    elif kind == "one.gz":  # the whole file as one member, and a name that tells nothing
        path.write_bytes(gzip.compress(plain))
    else:
        packed = pa.Codec("zstd").compress(plain, asbytes=True) if "zst" in kind else plain
        path.write_bytes(packed)
    if kind != "warc.gz":
        starts = {i: len(b"".join(records[:i])) for i in (3, 8)}
    mark = "0+" if kind == "one.gz" else ""
    result = mine([path], tmp_path / "out", jobs=None)
    assert (result.documents, result.candidates, result.reports) == (9, 2, 2)
    assert (result.damaged, result.unreadable) == (0, 0)
    assert sources_of(tmp_path / "out") == {
        f"{path.name}@{mark}{starts[i]}": (ADDRESS.format(i), "2024-05-06T07:08:09Z")
        for i in (3, 8)
    }


def test_mining_again_parses_nothing_again(tmp_path: Path) -> None:
    path = tmp_path / "web.warc.gz"
    path.write_bytes(members(archive()))
    mine([path], tmp_path / "out")
    before = sources_of(tmp_path / "out")
    again = mine([path], tmp_path / "out")
    assert (again.candidates, again.known, again.reports) == (2, 2, 0)
    assert sources_of(tmp_path / "out") == before


def test_batches_are_committed_one_by_one(tmp_path: Path) -> None:
    path = tmp_path / "corpus.jsonl"
    path.write_text("".join(json.dumps(r) + "\n" for r in rows()), "utf-8")
    assert mine([path], tmp_path / "out", batch=1).reports == 4
    assert len(sources_of(tmp_path / "out")) == 4


def test_a_candidate_that_is_no_report_is_counted_apart(tmp_path: Path) -> None:
    text = "政府信息公开工作总结：主动公开、依申请公开、行政复议、诉讼、收费、改进。"
    path = tmp_path / "corpus.jsonl"
    path.write_text(json.dumps({"text": text}) + "\n", "utf-8")
    result = mine([path], tmp_path / "out")
    assert (result.candidates, result.no_report, result.reports, result.failures) == (1, 1, 0, 0)
    assert len(gov.load(tmp_path / "out").failures) == 0

"""Collections go in, reports come out: every kind of file, whole and damaged."""

from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from mining.collections_made import (
    answer,
    members,
    noise,
    page,
    record,
    report_page,
    report_text,
)

import govreport_parse as gov
from govreport_parse.cli.main import cli
from govreport_parse.errors import UsageError
from govreport_parse.mining import mine

NO_REPORT = "政府信息公开工作总结：主动公开、依申请公开、行政复议、诉讼、收费、改进。"
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


def test_a_candidate_that_is_no_report_is_counted_apart(tmp_path: Path) -> None:
    path = tmp_path / "corpus.jsonl"
    path.write_text(json.dumps({"text": NO_REPORT}) + "\n", "utf-8")
    result = mine([path], tmp_path / "out")
    assert (result.candidates, result.no_report, result.reports, result.failures) == (1, 1, 0, 0)
    assert len(gov.load(tmp_path / "out").failures) == 0


# -- wrong use and bad collections -----------------------------------------------------------------


def test_one_bad_file_does_not_stop_the_others(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    (folder / "deep").mkdir(parents=True)
    (folder / "a.jsonl").write_text('{"number": 1}\n', "utf-8")
    (folder / "deep" / "b.jsonl").write_text(json.dumps({"text": report_text(1)}) + "\n", "utf-8")
    (folder / "c.parquet").write_bytes(b"")
    (folder / "readme.md").write_text("not a collection", "utf-8")
    lines: list[str] = []
    result = mine([folder], tmp_path / "out", progress=lines.append)
    assert (result.files, result.reports, result.unreadable) == (3, 1, 2)
    assert [p.file for p in result.problems] == ["a.jsonl", "c.parquet"]
    assert list(sources_of(tmp_path / "out")) == ["deep/b.jsonl#1"]
    assert lines == [
        "a.jsonl: 0 documents, 0 candidates",
        "c.parquet: 0 documents, 0 candidates",
        "deep/b.jsonl: 1 documents, 1 candidates",
    ]


def test_a_run_that_finds_nothing_leaves_an_empty_dataset(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps({"text": noise(1)}) + "\n", "utf-8")
    result = mine([path], tmp_path / "out")
    assert (result.candidates, result.reports) == (0, 0)
    assert len(gov.load(tmp_path / "out").reports) == 0


@pytest.mark.parametrize(
    "wrong", [{"packed": "some"}, {"split": "word"}, {"batch": 0}, {"jobs": 0}]
)
def test_wrong_arguments(wrong: dict[str, object], tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text("{}\n", "utf-8")
    with pytest.raises(UsageError):
        mine([path], tmp_path / "out", **wrong)  # type: ignore[arg-type]


def test_paths_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not exist"):
        mine([tmp_path / "missing.jsonl"], tmp_path / "out")
    with pytest.raises(UsageError, match="no collections"):
        mine([tmp_path], tmp_path / "out")


def test_a_dataset_in_the_folder_is_not_mined(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps({"text": report_text(1)}) + "\n", "utf-8")
    first = mine([tmp_path], tmp_path / "dataset")
    assert (first.files, first.reports) == (1, 1)
    again = mine([tmp_path], tmp_path / "dataset")
    assert (again.files, again.candidates, again.known) == (1, 1, 1)
    assert len(sources_of(tmp_path / "dataset")) == 1


def test_a_capture_that_the_archive_cut_is_told_in_the_report(tmp_path: Path) -> None:
    path = tmp_path / "a.warc"
    body = report_page(4).encode()
    path.write_bytes(record("response", answer(body), ADDRESS.format(4), WARC_Truncated="length"))
    assert mine([path], tmp_path / "out").reports == 1
    findings = gov.load(tmp_path / "out").findings.to_table(["code"]).to_pylist()
    assert {"code": "capture_truncated"} in findings


def test_documents_that_cannot_be_read_are_failures(tmp_path: Path) -> None:
    path = tmp_path / "a.warc"
    body = answer(b"%PDF-1.4 nothing more", "Content-Type: application/pdf")
    path.write_bytes(record("response", body, "http://www.qinghe.gov.cn/nb.pdf"))
    result = mine([path], tmp_path / "out", isolated=False)
    assert (result.candidates, result.failures, result.reports) == (1, 1, 0)
    (row,) = gov.load(tmp_path / "out").failures.to_table(["url", "source_name"]).to_pylist()
    assert row == {"url": "http://www.qinghe.gov.cn/nb.pdf", "source_name": "a.warc@0"}


def test_the_same_bytes_from_two_places_are_one_report(tmp_path: Path) -> None:
    path = tmp_path / "a.warc"
    text = report_page(4)
    path.write_bytes(
        page("http://copy.com/art/77.html", text) + page("http://www.a.gov.cn/art/77.html", text)
    )
    result = mine([path], tmp_path / "out")
    assert (result.candidates, result.reports, result.repeated) == (2, 2, 1)
    assert "2 reports (1 of the same bytes as another, 0 on mirror hosts)" in str(result)
    assert (
        "1 reports (1 added, 0 replaced, 0 already there, 1 at a further place)" in result.dataset
    )
    (row,) = gov.load(tmp_path / "out").reports.to_table(["url", "other_sources"]).to_pylist()
    assert row["url"] == "http://www.a.gov.cn/art/77.html"
    assert "copy.com" in row["other_sources"]


# -- the command line ------------------------------------------------------------------------------


def test_the_verb_mines_and_tells(tmp_path: Path) -> None:
    path = tmp_path / "corpus.jsonl"
    path.write_text("".join(json.dumps(r) + "\n" for r in rows()) + "broken\n", "utf-8")
    result = CliRunner().invoke(cli, ["mine", str(path), "--out", str(tmp_path / "out")])
    assert result.exit_code == 1  # for the broken line
    assert result.stdout == ""
    assert "corpus.jsonl at line 41: it is no JSON object" in result.stderr
    assert "41 documents: 4 candidates, 4 reports" in result.stderr
    assert len(sources_of(tmp_path / "out" / "dataset")) == 4


def test_the_verb_succeeds_where_all_was_read(tmp_path: Path) -> None:
    path = tmp_path / "web.warc.gz"
    path.write_bytes(members(archive()))
    args = ["mine", str(path), "--out", str(tmp_path / "out"), "--jobs", "2"]
    result = CliRunner().invoke(cli, args)
    assert result.exit_code == 0
    assert len(sources_of(tmp_path / "out" / "dataset")) == 2


def test_the_verb_fails_for_a_file_that_gives_nothing(tmp_path: Path) -> None:
    path = tmp_path / "corpus.jsonl"
    path.write_text('{"score": 1}\n', "utf-8")
    result = CliRunner().invoke(cli, ["mine", str(path), "--out", str(tmp_path / "out")])
    assert result.exit_code == 1
    assert "no text column among 'score' (name it with --column" in result.stderr
    args = ["mine", str(tmp_path / "missing"), "--out", str(tmp_path / "out")]
    assert CliRunner().invoke(cli, args).exit_code == 2


def test_a_page_that_all_sites_repeat_is_parsed_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from govreport_parse import parsing

    parsed: list[str] = []
    real = parsing.parse_or_failure

    def counting(source, options):
        parsed.append(source.name)
        return real(source, options)

    monkeypatch.setattr(parsing, "parse_or_failure", counting)
    path = tmp_path / "corpus.jsonl"
    path.write_text(json.dumps({"text": NO_REPORT}) + "\n" + "{}\n", "utf-8")
    path.write_bytes(path.read_bytes() * 5)
    result = mine([path], tmp_path / "out", isolated=False)
    assert (result.candidates, result.no_report) == (5, 5)
    assert parsed == ["corpus.jsonl#1"]

"""Rows that are not like the others: texts in another column, copies, mirrors, what is refused."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from mining.collections_made import noise, report_text

import govreport_parse as gov
from govreport_parse.cli.main import cli
from govreport_parse.mining import MineResult, mine
from govreport_parse.mining import running as module
from govreport_parse.mining.running import Refused
from govreport_parse.testing import glossed, traditional

SITE = "http://www.qinghe.gov.cn/art/2024/1/12/art_77_{}.html"
MIRROR = "http://qinghe.spam.example/art/2024/1/12/art_77_{}.html"
SUMMARY = "政府信息公开工作总结：主动公开、依申请公开、行政复议、诉讼、收费、改进。"


def lines(path: Path, *rows: dict[str, object]) -> Path:
    path.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in rows), "utf-8")
    return path


def table(kind: str, path: Path, rows: list[dict[str, str | None]]) -> Path:
    if kind == "jsonl":
        return lines(path, *rows)
    if kind == "parquet":
        pq.write_table(pa.Table.from_pylist(rows), path)
        return path
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def named(result: MineResult, folder: Path) -> set[str]:
    found = gov.load(folder).reports.to_table(["source_name"])["source_name"].to_pylist()
    assert len(found) == result.reports
    return {name.rpartition("#")[2] for name in found}


@pytest.mark.parametrize("kind", ["jsonl", "parquet", "csv"])
def test_a_row_whose_text_is_in_another_column_is_not_lost(kind: str, tmp_path: Path) -> None:
    rows: list[dict[str, str | None]] = [
        {"url": SITE.format(1), "text": report_text(1), "content": None},
        {"url": SITE.format(2), "text": None, "content": report_text(2)},
        {"url": SITE.format(3), "text": "", "content": report_text(3)},
        {"url": SITE.format(4), "text": noise(4), "content": None},
        {"url": SITE.format(5), "text": None, "content": None},
    ]
    path = table(kind, tmp_path / f"c.{kind}", rows)
    result = mine([path], tmp_path / "out")
    assert (result.documents, result.reports) == (5, 3)
    assert named(result, tmp_path / "out") == {"1", "2", "3"}


def test_rows_of_json_may_name_their_text_as_they_like(tmp_path: Path) -> None:
    path = lines(
        tmp_path / "c.jsonl",
        {"text": noise(1), "url": SITE.format(1)},
        {"zhengwen": report_text(2), "url": SITE.format(2)},
        {"text": "摘要：" + noise(3), "full": report_text(3), "url": SITE.format(3)},
        {"text": noise(4), "title": "某县2023年政府信息公开工作年度报告", "url": SITE.format(4)},
    )
    result = mine([path], tmp_path / "out")
    assert named(result, tmp_path / "out") == {"2", "3"}


def test_the_column_that_the_caller_names_is_the_only_one(tmp_path: Path) -> None:
    rows = [
        {"text": noise(1), "content": report_text(1)},
        {"text": None, "content": report_text(2)},
    ]
    path = lines(tmp_path / "c.jsonl", *rows)
    result = mine([path], tmp_path / "out", column="text")
    assert result.reports == 0
    assert result.skipped == {"row without text": 1}


@pytest.mark.parametrize("kind", ["parquet", "csv"])
def test_rows_without_text_are_told_by_file_row_and_column(kind: str, tmp_path: Path) -> None:
    rows: list[dict[str, str | None]] = [
        {"text": noise(n) if n % 3 else None} for n in range(1, 10)
    ]
    path = table(kind, tmp_path / f"c.{kind}", [{"url": SITE.format(1), **r} for r in rows])
    result = mine([path], tmp_path / "out")
    assert result.skipped == {"row without text": 3}
    (problem,) = result.problems
    assert str(problem).startswith(f"c.{kind} at row 3: column 'text' holds no text")


def test_each_candidate_that_is_no_report_is_named_with_its_reason(tmp_path: Path) -> None:
    path = lines(
        tmp_path / "c.jsonl",
        {"text": SUMMARY, "url": SITE.format(1)},
        {"text": report_text(2), "url": SITE.format(2)},
        {"text": SUMMARY, "url": SITE.format(3)},
        {"text": SUMMARY + noise(4), "url": SITE.format(4)},
    )
    told: list[Refused] = []
    result = mine([path], tmp_path / "out", refused=told.append)
    assert (result.candidates, result.reports, result.no_report) == (4, 1, 3)
    assert sorted((r.name, r.url) for r in told) == [
        (f"c.jsonl#{n}", SITE.format(n)) for n in (1, 3, 4)
    ]
    assert all(r.why and "c.jsonl" not in r.why for r in told)
    assert sum(result.reasons.values()) == 3
    assert {(p.file, p.where) for p in result.refused} == {
        ("c.jsonl", f"row {n}") for n in (1, 3, 4)
    }


def test_the_verb_writes_what_was_refused(tmp_path: Path) -> None:
    path = lines(tmp_path / "c.jsonl", {"text": SUMMARY, "url": SITE.format(1)}, {"text": noise(2)})
    out, refused = str(tmp_path / "out"), tmp_path / "refused.jsonl"
    got = CliRunner().invoke(cli, ["mine", str(path), "--out", out, "--refused", str(refused)])
    assert got.exit_code == 0, got.output
    assert "1 no report: " in got.stderr
    (row,) = [json.loads(line) for line in refused.read_text("utf-8").splitlines()]
    assert (row["name"], row["url"]) == ("c.jsonl#1", SITE.format(1))
    assert row["why"]
    wrong = ["mine", "a.gov.cn", "--index", "wayback", "--out", out, "--refused", str(refused)]
    assert CliRunner().invoke(cli, wrong).exit_code == 2


def test_long_files_tell_how_far_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = lines(tmp_path / "c.jsonl", *({"text": SUMMARY + noise(n)} for n in range(8)))
    clock = iter(range(0, 100_000, 10))
    monkeypatch.setattr(module.time, "monotonic", lambda: float(next(clock)))
    told: list[str] = []
    mine([path], tmp_path / "out", progress=told.append)
    assert len(told) > 2
    assert told[0].endswith("candidates so far")
    assert told[-1] == "c.jsonl: 8 documents, 8 candidates"


def test_copies_and_mirrors_within_one_corpus(tmp_path: Path) -> None:
    """One report five times: its own page, the same bytes elsewhere, an extractor's other text of
    it, a spam mirror with script and glosses changed, a mirror that sells something."""
    original = report_text(7)
    spam = glossed(traditional(original)) if glossed else original
    path = lines(
        tmp_path / "c.jsonl",
        {"text": spam, "url": MIRROR.format(7)},
        {"text": original, "url": SITE.format(7)},
        {"text": original, "url": "http://copy.example.com/7"},
        {"text": original + "\n扫一扫在手机打开当前页", "url": "http://text.example.com/7"},
        {"text": original + "\n真人娱乐 足球投注平台app", "url": MIRROR.format(8)},
        {"text": report_text(9), "url": SITE.format(9)},
    )
    mine([path], tmp_path / "out")
    data = gov.load(tmp_path / "out")
    columns = ["report_id", "url", "duplicate_of", "superseded_by"]
    rows = {r["url"]: r for r in data.reports.to_table(columns).to_pylist()}
    kept = [u for u, r in rows.items() if r["duplicate_of"] is None]
    assert sorted(kept) == [SITE.format(7), SITE.format(9)], "the organ's own pages count"
    own = rows[SITE.format(7)]["report_id"]
    assert {r["duplicate_of"] for r in rows.values()} == {None, own}
    marks = data.findings.to_table(["report_id", "code"]).to_pylist()
    mirrors = {m["report_id"] for m in marks if m["code"] == "mirror_host"}
    assert mirrors == {rows[MIRROR.format(7)]["report_id"], rows[MIRROR.format(8)]["report_id"]}

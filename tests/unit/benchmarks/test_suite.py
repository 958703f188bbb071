"""Answers before times, rows, JSON, tables, exit status; nothing is timed here."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import pytest
from benchmarks import suite, suite_family, suite_print
from benchmarks.suite_family import WrongAnswerError, answered, on_document
from benchmarks.suite_inputs import FAMILIES, Input, inputs, plain, record
from benchmarks.suite_memory import CLEAR, of_tool
from benchmarks.suite_tools import OURS, Tool, tools

DOCUMENT = Input("made", "text", b"1 2", {"a": 1, "b": 2}, record().layout, "by hand")


def tool(name: str, answer: Any, role: str = "other", packages: Any = None) -> Tool:
    def call() -> Any:
        if isinstance(answer, Exception):
            raise answer
        return answer

    return Tool(name, role, packages or {}, lambda _: call, lambda found, _: found)  # type: ignore[arg-type]


def test_a_wrong_record_of_ours_stops_the_suite() -> None:
    for answer in ({"a": 1, "b": 3}, {"a": 1}):
        with pytest.raises(WrongAnswerError, match="made"):
            on_document(DOCUMENT, [tool(OURS, answer, "ours")], 1, 1.0)


def test_a_document_that_is_only_compared_may_lack_figures_but_not_state_wrong_ones() -> None:
    compared = Input("made", "text", b"", DOCUMENT.truth, DOCUMENT.layout, "", timed=False)
    ours = tool(OURS, {"a": 1}, "ours")
    assert answered(compared, ours, ours.prepare(compared))["missing"] == 1
    wrong = tool(OURS, {"a": 2}, "ours")
    with pytest.raises(WrongAnswerError):
        answered(compared, wrong, wrong.prepare(compared))


def test_rows_of_tools_that_are_missing_fail_or_read_wrongly() -> None:
    choice = [
        tool("away", {}, packages={"no_such_module_here": "no-such-package"}),
        tool("breaks", ValueError("no tables")),
        tool("half", {"a": 1, "b": 5}),
    ]
    away, breaks, half = on_document(DOCUMENT, choice, 2, 1.0)
    assert away == {
        "input": "made", "tool": "away", "role": "other",
        "status": "not installed: no-such-package",
    }  # fmt: skip
    assert breaks["status"] == "failed: ValueError: no tables"
    assert (breaks["missing"], breaks["of"]) == (2, 2)
    assert half["status"] == "measured"
    assert (half["right"], half["wrong"], half["missing"]) == (1, 1, 0)
    assert half["ms"]["samples"] == 2


def test_our_own_failure_is_not_swallowed() -> None:
    with pytest.raises(ValueError, match="broken"):
        on_document(DOCUMENT, [tool(OURS, ValueError("broken"), "ours")], 1, 1.0)


def test_ratios_are_to_the_floor_and_to_ours() -> None:
    rows: list[dict[str, Any]] = [
        {"tool": "floor", "role": "floor"},
        {"tool": OURS, "role": "ours"},
        {"tool": "other", "role": "other"},
        {"tool": "away", "role": "other"},
    ]
    suite_family.timed(rows, {"floor": {0: 2.0}, OURS: {0: 4.0}, "other": {0: 24.0}})
    assert [r["to_floor"]["median"] for r in rows[:3]] == [1.0, 2.0, 12.0]
    assert [r["to_ours"]["median"] for r in rows[:3]] == [0.5, 1.0, 6.0]
    assert rows[3] == {"tool": "away", "role": "other"}


def family(**more: Any) -> dict[str, Any]:
    return {
        "family": "text", "versions": {"Python": "3"}, "bandwidth_gb_s": 1.0,
        "inputs": [DOCUMENT.described()], "rows": [], "memory": [], **more,
    }  # fmt: skip


def test_the_result_is_json_and_has_a_date_only_when_given() -> None:
    result = suite.assembled([family()], True, None)
    assert json.loads(json.dumps(result)) == result
    assert "date" not in result
    assert suite.assembled([family()], True, "2026-01-02")["date"] == "2026-01-02"
    (given,) = result["inputs"]
    # sha256 of "1 2", by sha256sum.
    assert given["sha256"] == "f71998fe363b9c29116c80b5eecf33a2fedca3b6159724384485804b71651029"
    assert (given["bytes"], given["figures"]) == (3, 2)


def test_the_printed_result() -> None:
    spread = {"median": 2.0, "low": 1.0, "high": 150.0, "least": 1.0, "samples": 5}
    rows = [
        {
            "input": "made", "tool": OURS, "role": "ours", "status": "measured", "ms": spread,
            "to_ours": spread, "right": 3, "wrong": 1, "missing": 0, "of": 4,
        },
        {"input": "made", "tool": "away", "role": "other", "status": "not installed: away"},
        {
            "input": "compared", "tool": OURS, "role": "ours", "status": "compared",
            "right": 4, "wrong": 0, "missing": 0, "of": 4,
        },
    ]  # fmt: skip
    memory = [{"input": "made", "bytes": 2**20, "tool": OURS, "before": 2**24, "grown": 2**22}]
    text = suite.printed(suite.assembled([family(rows=rows, memory=memory)], False, None))
    assert "2 [1-150]" in text
    assert "not installed: away" in text
    assert "87.5 %" in text  # 7 of 8 figures in two documents
    assert "16 MiB" in text
    assert "not measured" in text


def test_columns_count_wide_characters_twice() -> None:
    assert suite_print.table(("甲", "b"), [("xyz", "12")]) == "甲    b\nxyz  12"


def test_exit_status() -> None:
    result = {"goals": [{"met": True}, {"met": None}]}
    missed = {"goals": [{"met": False}]}
    assert suite.status(result, [], strict=True) == 0
    assert suite.status(missed, [], strict=False) == 0
    assert suite.status(missed, [], strict=True) == 1
    assert suite.status(result, ["pdf"], strict=False) == 1


def test_families_are_named() -> None:
    assert suite.families("pdf, html") == ["pdf", "html"]
    with pytest.raises(argparse.ArgumentTypeError, match="no family 'xls'"):
        suite.families("xls")
    with pytest.raises(argparse.ArgumentTypeError, match="some of html"):
        suite.families(",")


def test_a_place_for_the_result_is_looked_for_before_measuring(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(suite, "run_family", lambda *_: pytest.fail("measured"))
    with pytest.raises(SystemExit) as stopped:
        suite.main(["--json", str(tmp_path / "no folder" / "out.json")])
    assert stopped.value.code == 2
    assert "is not there" in capsys.readouterr().err


def test_a_family_that_cannot_be_measured_leaves_the_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(suite, "run_family", lambda name, _: None if name == "pdf" else family())
    out = tmp_path / "out.json"
    assert suite.main(["--only", "pdf,text", "--json", str(out)]) == 1
    assert "not measured: pdf" in capsys.readouterr().err
    written = json.loads(out.read_text("utf-8"))
    assert [given["name"] for given in written["inputs"]] == ["made"]


@pytest.mark.skipif(not CLEAR.exists(), reason="only Linux tells a peak")
def test_memory_is_measured_in_a_child_and_a_failure_is_told() -> None:
    sample = suite_family.BUNDLED / "t1.html"
    page = Input("page", "html", sample.read_bytes(), {}, DOCUMENT.layout, "")
    ours = next(t for t in tools("html") if t.name == OURS)
    found = of_tool(ours, page, sample)
    assert found["status"] == "measured"
    assert found["before"] > 2**20
    assert found["grown"] >= 0
    broken = Input("nothing", "html", b"", {}, DOCUMENT.layout, "")
    assert of_tool(ours, broken, sample)["status"].startswith("failed: ")


def test_the_cpu_is_named_where_the_system_tells(tmp_path: Path) -> None:
    info = tmp_path / "cpuinfo"
    assert suite.cpu_name(info) is None
    info.write_text("processor\t: 0\nmodel name\t: Fast One\n")
    assert suite.cpu_name(info) == "Fast One"


@pytest.mark.parametrize("name", ["html", "text", "docx"])
def test_documents_hold_all_figures_and_are_the_same_each_time(name: str) -> None:
    given = inputs(name, quick=True)
    assert [d.described() for d in given] == [d.described() for d in inputs(name, quick=True)]
    assert all(len(d.truth) == 200 for d in given)
    ours = next(t for t in tools(name) if t.name == OURS)
    for document in given[:2]:
        assert answered(document, ours, ours.prepare(document))["right"] == 200


def test_every_family_has_a_floor_ours_and_another_and_no_name_twice() -> None:
    for name in FAMILIES:
        names = [t.name for t in tools(name)]
        assert len(set(names)) == len(names)
        assert tools(name)[0].role == "floor"
        assert {t.role for t in tools(name)} == {"floor", "ours", "other"}


def test_numbers_of_answers() -> None:
    assert [plain(v) for v in (0, "7730.28", None, "", "见附件")] == [
        0,
        plain("7730.28"),
        *[None] * 3,
    ]
    assert str(plain("7730.28")) == "7730.28"

"""``../shared/CONTRACT.md``, frames, JSON and datasets: names, types, order, and blanks as null."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pandas as pd
import paper
import pyarrow as pa
import pytest

import govreport_parse as gov
from govreport_parse.schema import schema

BLANK = "requests/granted/business"
DASH = "review_and_litigation/review/upheld"
FEES = "proactive_disclosure/administrative_fees/amount"
FIRST = [
    "report_id",
    "organ",
    "division_code",
    "year",
    "form",
    "table",
    "row",
    "column",
    "value",
    "state",
    "raw",
    "unit",
]


@pytest.fixture(scope="module")
def report() -> gov.Report:
    """A report with a blank, a dash and a word for an amount."""
    return gov.parse(paper.html({BLANK: "", DASH: "—", FEES: "若干"}))


# -- frames ----------------------------------------------------------------------------------------


def test_the_long_frame(report: gov.Report) -> None:
    frame = gov.to_frame([report], shape="long")
    assert list(frame.columns)[:12] == FIRST
    assert len(frame) == 200
    assert {c: str(frame[c].dtype) for c in FIRST} == dict.fromkeys(FIRST, "string") | {
        "year": "Int64",
        "value": "Float64",
    }
    assert list(frame.path) == list(paper.truth())
    assert set(frame.report_id) == {report.report_id}
    assert frame.equals(report.figures())


@pytest.mark.parametrize("shape", ["long", "wide", "reports", "checks", "findings", "sections"])
def test_frames_of_every_shape_have_nullable_types_also_when_empty(
    report: gov.Report, shape: Any
) -> None:
    frame, empty = gov.to_frame([report], shape=shape), gov.to_frame([], shape=shape)
    assert list(frame.columns) == list(empty.columns)
    assert list(frame.dtypes) == list(empty.dtypes)
    assert len(empty) == 0
    kinds = {re.sub(r"\[.*", "", str(t)) for t in frame.dtypes}
    assert kinds <= {"Int64", "Float64", "string", "boolean", "datetime64"}


def test_the_wide_frame_has_a_row_a_report(report: gov.Report) -> None:
    other = gov.parse(paper.text())
    frame = gov.to_frame([report, other], shape="wide")
    assert len(frame) == 2
    book = gov.codebook().dropna(subset=["path"]).set_index("path")
    for path, value in paper.truth().items():
        short = book.short[path]
        assert str(frame[short].dtype) == ("Float64" if path == FEES else "Int64")
        assert frame[short][1] == float(value)
        assert pd.isna(frame[short][0]) == (path in (BLANK, DASH, FEES))


def test_a_blank_is_null_in_every_output(report: gov.Report, tmp_path: Path) -> None:
    lost = {BLANK: "blank", DASH: "dash", FEES: "unreadable"}
    dataset = tmp_path / "d"
    gov.write_dataset([report], dataset)
    data = gov.load(dataset)
    long = report.figures().set_index("path")
    arrow = pa.table(report).to_pydict()
    arrow_values = dict(zip(arrow["path"], arrow["value"], strict=True))
    told = {
        f"{f['table']}/{f['row']}/{f['column']}": f for f in json.loads(report.to_json())["figures"]
    }
    stored = data.figures.to_pandas().set_index("path")
    (asked,) = data.sql(
        "select count(*) n, count(value) v, count(*) filter (value = 0) z from figures"
    ).to_dict("records")
    zeros = sum(v == 0 for k, v in paper.truth().items() if k not in lost)
    assert asked == {"n": 200, "v": 197, "z": zeros}
    for path, state in lost.items():
        assert pd.isna(long.value[path])
        assert long.state[path] == state
        assert arrow_values[path] is None
        assert (told[path]["value"], told[path]["state"]) == (None, state)
        assert pd.isna(stored.value[path])
    for to in ("csv", "datapackage"):
        data.export(to, tmp_path / to)
    rows = list(
        csv.DictReader(io.StringIO((tmp_path / "csv" / "figures.csv").read_text("utf-8-sig")))
    )
    assert {r["path"]: r["value"] for r in rows if r["path"] in lost} == dict.fromkeys(lost, "")


# -- names -----------------------------------------------------------------------------------------


def test_the_codebook_and_its_short_names() -> None:
    book = gov.codebook()
    assert set(book.columns) >= {
        "path",
        "short",
        "zh",
        "en",
        "unit",
        "type",
        "form",
        "section",
        "comparable_with",
        "basis",
    }
    figures = book.dropna(subset=["path"])
    assert figures.path.is_unique
    assert figures.short.is_unique
    assert figures.short.str.fullmatch(r"[a-z0-9_]{1,32}").all()
    assert set(paper.truth()) <= set(figures.path)
    ours = figures[figures.path.isin(list(paper.truth()))]
    prefixes = {"proactive_disclosure": "pd_", "requests": "rq_", "review_and_litigation": "rl_"}
    for path, short in zip(ours.path, ours.short, strict=True):
        assert short.startswith(prefixes[path.partition("/")[0]])


def test_short_names_stay_as_they_were() -> None:
    """A few that stand in people's scripts."""
    book = gov.codebook().dropna(subset=["path"]).set_index("path").short
    assert book["requests/granted/total"] == "rq_granted_total"
    assert book[FEES] == "pd_admin_fees_amount"
    assert book["review_and_litigation/review/upheld"] == "rl_review_upheld"
    assert book["requests/requests_received/total"] == "rq_received_total"


def test_arrow_readers_take_reports_and_tables(report: gov.Report, tmp_path: Path) -> None:
    table = pa.table(report)
    assert table.column_names[:12] == FIRST
    assert table.num_rows == 200
    gov.write_dataset([report], tmp_path / "d")
    data = gov.load(tmp_path / "d")
    for name in ("reports", "figures", "checks", "findings", "sections"):
        assert pa.table(getattr(data, name)).num_rows > 0


# -- JSON ------------------------------------------------------------------------------------------

JSON_KEYS = [
    "schema",
    "report_id",
    "source",
    "form",
    "forms",
    "title",
    "organ",
    "organ_source",
    "division_code",
    "year",
    "year_source",
    "published",
    "sections",
    "figures",
    "checks",
    "findings",
    "completeness",
]
COUNTS = [
    "figures",
    "reported",
    "solved",
    "blank",
    "dash",
    "absent",
    "unreadable",
    "ambiguous",
    "checks",
    "holds",
    "broken",
    "not_checkable",
]


def test_the_json_of_a_report(report: gov.Report) -> None:
    made = json.loads(report.to_json())
    jsonschema.validate(made, schema())
    assert made["schema"] == "govreport/1"
    assert [k for k in made if k in JSON_KEYS] == JSON_KEYS
    assert set(made["source"]) == {"name", "url", "sha256", "bytes", "media_type", "encoding"}
    assert list(made["completeness"]) == COUNTS
    assert [f"{f['table']}/{f['row']}/{f['column']}" for f in made["figures"]] == list(
        paper.truth()
    )
    assert set(made["figures"][0]) >= {
        "table",
        "row",
        "column",
        "value",
        "state",
        "raw",
        "unit",
        "locator",
    }
    assert set(made["sections"][0]) >= {"key", "heading", "text"}
    assert set(made["checks"][0]) == {"id", "scope", "state", "expected", "found"}
    assert set(made["findings"][0]) >= {"code", "severity", "message", "figures"}
    assert made == json.loads(json.dumps(report.to_dict(), default=float))
    states = [f["state"] for f in made["figures"]]
    for state in ("reported", "blank", "dash", "unreadable"):
        assert made["completeness"][state] == states.count(state)


def test_the_json_of_a_document_that_cannot_be_parsed() -> None:
    (failure,) = gov.parse_many([b"<p>x</p>"])
    assert isinstance(failure, gov.Failure)
    made = json.loads(failure.to_json())
    jsonschema.validate(made, schema())
    assert list(made) == ["schema", "source", "error"]
    assert list(made["error"]) == ["type", "message", "hint"]
    assert made["error"]["type"] == "NotAReportError"


def test_the_schema_refuses_what_the_contract_forbids(report: gov.Report) -> None:
    for change in (
        {"schema": "govreport/2"},
        {"report_id": "xyz"},
        {"figures": "none"},
        {"form": None},
    ):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(json.loads(report.to_json()) | change, schema())

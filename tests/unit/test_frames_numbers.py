"""Numbers of many reports in one pass, and what the long Parquet file says of its columns."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from handmade import hybrid, report, town

from govreport_parse.frames import schema_of, to_table, write_parquet
from govreport_parse.frames.columns import joined_floats
from govreport_parse.frames.words import repeated
from govreport_parse.values import Number, State

ALWAYS = {"report_id", "form", "table", "row", "column", "state", "path", "short"}


@pytest.mark.parametrize(
    ("lists", "wanted"),
    [
        ([], []),
        ([[], []], []),
        ([[0, None], [3]], [0.0, None, 3.0]),
        ([[None, None]], [None, None]),
        ([[Decimal("1.25")], [-2, 7]], [1.25, -2.0, 7.0]),
        ([[Decimal("NaN"), Decimal("Infinity"), 1]], [None, None, 1.0]),
        # beyond 2^53 the nearest float64; beyond them all, nothing
        ([[2**53 + 1, 2**60 + 1]], [9007199254740992.0, 1152921504606846976.0]),
        ([[10**400, 5], [None, Decimal("0.5")]], [None, 5.0, None, 0.5]),
        ([[Decimal("1e400"), 4]], [None, 4.0]),
        ([[None] * 7, [1] * 3], [None] * 7 + [1.0] * 3),
    ],
)
def test_lists_become_one_column_of_floats(
    lists: list[list[Number | None]], wanted: list[float | None]
) -> None:
    made = joined_floats(lists)
    made.validate(full=True)
    assert made.type == pa.float64()
    assert made.to_pylist() == wanted
    assert made.null_count == wanted.count(None)


def test_texts_that_all_differ_keep_their_places_as_codes() -> None:
    of = pa.array([1, 1, 0, 2], pa.int32())
    made = repeated(pa.array(["x", "y", "z"]), of)
    made.validate(full=True)
    assert made.indices.to_pylist() == [1, 1, 0, 2]
    assert made.to_pylist() == ["y", "y", "x", "z"]
    # a null among texts that differ is no text of its own
    made = repeated(pa.array(["x", None, "z"]), of)
    made.validate(full=True)
    assert made.to_pylist() == [None, None, "x", "z"]
    assert made.dictionary.to_pylist() == ["x", "z"]


@pytest.mark.parametrize("texts", [True, False])
def test_the_long_file_reads_as_the_long_table(tmp_path: Path, texts: bool) -> None:
    blank = town(changes={"requests/granted/total": State.BLANK}, name="b", organ=None, year=None)
    reports = [blank, hybrid(), report({"requests/granted/total": 10**400}, name="c")]
    reports[1].organ = reports[2].organ = "甲局"
    reports[1].year = reports[2].year = 2021
    write_parquet(reports, tmp_path / "x.parquet", texts=texts)
    read = pq.read_table(tmp_path / "x.parquet")
    assert read.equals(to_table(reports).select(read.schema.names))
    assert {f.name for f in read.schema if not f.nullable} == ALWAYS & set(read.schema.names)
    assert {f.name for f in schema_of("long") if not f.nullable} == ALWAYS
    assert read["organ"].null_count == read["year"].null_count == 200

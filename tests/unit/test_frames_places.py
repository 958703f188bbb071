"""Places and words as codes say what the locators and the texts themselves say."""

from __future__ import annotations

import pickle
import random
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from handmade import failure, hybrid, report, town

from govreport_parse.documents.model import Table
from govreport_parse.errors import UsageError
from govreport_parse.frames import TableWriter, long_table, to_table, write_parquet
from govreport_parse.frames.places import PLACES, gather_places
from govreport_parse.frames.tables import NUMBERS
from govreport_parse.frames.words import NONE, Words, decoded, repeated
from govreport_parse.report import Report
from govreport_parse.values import Locator, State


class Tokens(Table):
    """A table of text tokens: places of its own."""

    def locator(self, i: int) -> Locator:
        return Locator(line=100 + i, cell=i % 7 + 1)


def _table(rng: random.Random, number: int, kind: str) -> Table:
    table = (Tokens if kind == "tokens" else Table)(number)
    row = 0
    for _ in range(120):
        row += rng.randint(0, 2) * (40 if kind == "tall" else 1)
        table.add("1", row, rng.randint(0, 400 if kind == "wide" else 20))
    if kind == "page":
        table.page = 3
    elif kind == "sheet":
        table.sheet = "表1"
    elif kind == "lines":
        table.row_lines = list(range(500, 500 + row + 1))
    elif kind == "pages":
        table.pages = [1 + r // 10 for r in range(row + 1)]
    return table


KINDS = ("plain", "plain", "page", "sheet", "lines", "pages", "tokens", "tall", "wide")


def _placed(rng: random.Random, kinds: tuple[str, ...]) -> Report:
    made = report()
    tables = [_table(rng, n + 1, kind) for n, kind in enumerate(kinds)]
    for i in range(200):
        table = tables[min(i * len(tables) // 200, len(tables) - 1)]
        made.columns.where[i] = (table, rng.randrange(len(table)))
    if rng.random() < 0.3:
        made.columns.where[rng.randrange(200)] = None
    if rng.random() < 0.3:
        made.columns.where[rng.randrange(200)] = Locator(page=2, line=9)
    return made


def test_every_place_is_the_text_of_its_locator() -> None:
    rng = random.Random(5)
    reports = [_placed(rng, tuple(rng.choices(KINDS, k=rng.randint(1, 4)))) for _ in range(60)]
    reports += [_placed(rng, ("plain", "plain")) for _ in range(20)]
    reports.append(report())  # no places at all
    rng.shuffle(reports)
    given = long_table(reports)["locator"].to_pylist()
    wanted = [
        None if (place := r.locator(i)) is None else str(place) for r in reports for i in range(200)
    ]
    assert given == wanted


@pytest.mark.parametrize("number", [0, 1, 63, 64, 10_000])
def test_tables_of_any_number_have_their_places(number: int) -> None:
    table = Table(number)
    table.add("1", 254, 255)
    table.add("2", 255, 0)
    table.add("3", 256, 1)
    for cells in ((0,), (1, 0), (2,)):
        codes = gather_places([[(table, c) for c in cells]])
        assert [PLACES.words[c] for c in codes] == [str(table.locator(c)) for c in cells]


def test_no_reports_have_no_places() -> None:
    assert gather_places([]).tolist() == []
    assert gather_places([[], [None], []]).tolist() == [NONE]


# -- words -----------------------------------------------------------------------------------------


def test_the_dictionary_of_a_column_depends_on_its_rows_only() -> None:
    one, two = Words(["a", "b"]), Words(["a", "b"])
    for word in ("z", "y", "unused"):
        one.code(word)
    first = one.column(one.encode(["b", "y", None, "z", "b"]))
    second = two.column(two.encode(["b", "y", None, "z", "b"]))
    assert first.equals(second)
    assert first.to_pylist() == ["b", "y", None, "z", "b"]
    # known words in their order, then the others that occur, sorted
    assert first.dictionary.to_pylist() == ["a", "b", "y", "z"]


def test_codes_of_a_column_come_back() -> None:
    words = Words(["a"])
    codes = words.encode(["x", None, "a", "x"])
    column = pa.chunked_array([words.column(codes), words.column(codes[:2])])
    other = Words(["q"])
    assert [other.words[c] if c != NONE else None for c in other.decode(column)] == [
        *("x", None, "a", "x"),
        *("x", None),
    ]
    assert words.column(np.zeros(0, dtype=np.int32)).to_pylist() == []


def test_repeated_texts_have_each_word_once_and_nulls() -> None:
    column = repeated(pa.array(["a", None, "a", "b"]), pa.array([3, 1, 0, 2], pa.int32()))
    assert column.to_pylist() == ["b", None, "a", "a"]
    assert column.dictionary.to_pylist() == ["a", "b"]
    assert decoded(column).to_pylist() == ["b", None, "a", "a"]
    assert decoded(column).type == pa.string()


# -- Parquet of numbers only -----------------------------------------------------------------------


def test_numbers_only_are_the_columns_of_the_long_table(tmp_path: Path) -> None:
    blank = town(changes={"requests/granted/total": State.BLANK}, name="b")
    amount = report({"proactive_disclosure/administrative_fees/amount": Decimal("0.1")})
    reports = [blank, hybrid(), failure(), amount, report(form_id="ogi_annual_2019", name="o")]
    rows = write_parquet(reports, tmp_path / "n.parquet", "long", texts=False)
    read = pq.read_table(tmp_path / "n.parquet")
    whole = to_table(reports, "long").select(NUMBERS)
    assert read.equals(whole)
    assert rows == read.num_rows == 200 + 186 + 200 + 198
    assert read.schema.metadata[b"govreport_shape"] == b"long"


def test_an_error_while_a_batch_is_encoded_is_the_callers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("govreport_parse.frames.files.BATCH", 1)
    path = tmp_path / "x.parquet"
    with pytest.raises(UsageError), TableWriter(path) as writer:
        writer.write_all([town(), hybrid(), "no report"])  # type: ignore[list-item]
    assert list(tmp_path.iterdir()) == []

    def broken(self: TableWriter, table: pa.Table) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(TableWriter, "_append", broken)
    with pytest.raises(OSError, match="No space"), TableWriter(path) as writer:
        writer.write_all([town(), hybrid(), report(name="c")])
    assert list(tmp_path.iterdir()) == []


def test_places_of_reports_from_another_process_and_of_known_grids_are_the_same() -> None:
    rng = random.Random(8)
    first, second = _table(rng, 1, "plain"), _table(rng, 2, "plain")
    cells = [rng.randrange(120) for _ in range(200)]
    reports = []
    for kind in ("whole", "whole", "number", "grid", "cell", "owner"):
        tables = [pickle.loads(pickle.dumps(t)) for t in (first, second)]
        made = report(name=kind)
        owners = [tables[i >= 100] for i in range(200)]
        made.columns.where[:] = list(zip(owners, cells, strict=True))
        if kind == "number":
            tables[1].number = 3
        elif kind == "grid":
            tables[0].columns[cells[7]] += 1
        elif kind == "cell":
            made.columns.where[150] = (tables[1], (cells[150] + 1) % 120)
        elif kind == "owner":
            made.columns.where[150] = (tables[0], cells[150])
        reports.append(made)
    wanted = [str(r.locator(i)) for r in reports for i in range(200)]
    # the second time the grids are known, the third time they are locators
    sent = [pickle.loads(pickle.dumps(r)) for r in reports]
    for given in (reports, list(reversed(reports))[::-1], sent, reports + sent):
        for r in (given, [*given[3:], *given[:3]]):
            found = long_table(r)["locator"].to_pylist()
            assert found == [str(x.locator(i)) for x in r for i in range(200)]
    assert long_table(sent)["locator"].to_pylist() == wanted


def test_places_of_a_sheet_count_the_rows_above_its_grid() -> None:
    table = Table(1, sheet="表1")
    table.first_row = 4
    table.add("1", 0, 2)
    (code,) = gather_places([[(table, 0)]])
    assert PLACES.words[code] == str(table.locator(0)) == "sheet 表1, table 1, row 5, column 3"

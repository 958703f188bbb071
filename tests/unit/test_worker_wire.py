"""What a worker answers: taken whole when it is right, refused whole when it is not.

The worker has read hostile bytes. Whatever it sends ends as a report that can be used in every way,
or as ``WireError``, before anybody sees it; a report that travelled is the one that was sent.
"""

from __future__ import annotations

import binascii
import copy
import pickle
import random
from array import array
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from handmade import PD, RQ, report, town

import govreport_parse as gov
from govreport_parse.documents.model import Table
from govreport_parse.frames import to_frame
from govreport_parse.report import LATER, FigureColumns, Report, RowMatch
from govreport_parse.source import Source
from govreport_parse.values import Locator
from govreport_parse.workers import places as worker_places
from govreport_parse.workers.places import pack_places, unpack_places
from govreport_parse.workers.wire import HEAD, WireError, frame, pack, parse_json, unpack

FIXTURES = Path(__file__).parents[2] / "fixtures"
KINDS = {
    "html": "ogi_annual_2021/xlsx_2021",
    "pdf": "ogi_annual_2021/pdf_2021",
    "word": "ogi_annual_2021/doc_2021",
}


def sent(made: Report) -> Any:
    """The JSON that the supervisor gets."""
    return parse_json(frame(pack(made))[0][HEAD.size :])


def travelled(made: Report, source: Source) -> Report:
    back = unpack(sent(made), source)
    assert isinstance(back, Report)
    return back


def source_of(made: Report) -> Source:
    s = made.source
    return Source(bytes(s.bytes), s.name, s.url, None, s.sha256)


def documents() -> list[Source]:
    with gov.sample_paths() as paths:
        found = [Source.of(p) for p in paths]
    pdf = FIXTURES / KINDS["pdf"] / "source.pdf"
    return [*found, Source.of(pdf)]


@pytest.fixture(scope="module")
def pairs() -> list[tuple[Report, Report]]:
    """Reports as parsed here, and after the way through a worker's answer."""
    out = []
    for source in documents():
        made = gov.parse(source)
        out.append((made, travelled(made, source)))
    return out


# -- the same report -------------------------------------------------------------------------------


def test_a_report_that_travelled_is_equal_in_every_part(
    pairs: list[tuple[Report, Report]],
) -> None:
    assert len(pairs) == 7
    for made, back in pairs:
        assert back.columns == made.columns
        assert back.columns.locators() == made.columns.locators()
        assert [str(v) for v in back.columns.values] == [str(v) for v in made.columns.values]
        assert list(back.rows.items()) == list(made.rows.items())
        assert hash(tuple(back.rows.values())) == hash(tuple(made.rows.values()))
        assert back.outcomes == made.outcomes
        assert back.checks == made.checks
        assert back.completeness == made.completeness
        assert back.narrative == made.narrative
        assert back.suggestions == made.suggestions
        assert back.layout is made.layout
        assert back.to_json() == made.to_json()
        assert (str(back), repr(back)) == (str(made), repr(made))
        for path in made.layout.paths[::20]:
            assert back.explain(path) == made.explain(path)


def test_frames_and_copies_of_a_report_that_travelled_are_the_same(
    pairs: list[tuple[Report, Report]],
) -> None:
    for made, back in pairs:
        for shape in ("long", "wide"):
            pd.testing.assert_frame_equal(to_frame([back], shape), to_frame([made], shape))
        again = pickle.loads(pickle.dumps(back))
        assert again.to_json() == made.to_json()
        assert again.rows == made.rows
        assert again.columns == copy.deepcopy(made).columns


def test_places_are_made_when_somebody_asks(pairs: list[tuple[Report, Report]]) -> None:
    for made, back in pairs:
        was = [type(w[0]) if isinstance(w, tuple) else type(w) for w in made.columns.where]
        now = [type(w[0]) if isinstance(w, tuple) else type(w) for w in back.columns.where]
        # the cells of a running text have places of their own kind
        assert [k for k, was_kind in zip(now, was, strict=True) if was_kind is Table] == [
            k for k in was if k is Table
        ]
        assert back.outcomes is not LATER


def test_sums_are_worked_out_when_somebody_asks() -> None:
    made = town()
    back = travelled(made, source_of(made))
    assert back._outcomes is LATER
    assert back.outcomes == made.outcomes
    assert back._outcomes is not LATER
    untouched = travelled(made, source_of(made))
    assert pickle.loads(pickle.dumps(untouched))._outcomes == made.outcomes


def test_equal_places_make_equal_rows_and_columns() -> None:
    table = Table(3)
    table.add("甲", 1, 2)
    by_cell = RowMatch(RQ, "granted", "label", "甲", (table, 0))
    by_place = RowMatch(RQ, "granted", "label", "甲", Locator(table=3, row=2, column=3))
    assert by_cell == by_place
    assert hash(by_cell) == hash(by_place)
    assert by_cell != RowMatch(RQ, "granted", "label", "甲", Locator(table=3, row=2, column=4))
    assert by_cell != RowMatch(RQ, "granted", "alias", "甲", (table, 0))
    assert by_cell != "甲"
    one, other = FigureColumns.absent(1), FigureColumns.absent(1)
    one.where, other.where = [(table, 0)], [Locator(table=3, row=2, column=3)]
    assert one == other
    other.where = [None]
    assert one != other
    assert one != 5


# -- places ----------------------------------------------------------------------------------------


def grid(number: int, rows: int, columns: int, **more: Any) -> Table:
    made = Table(number, page=more.get("page"), sheet=more.get("sheet"))
    for r in range(rows):
        for c in range(columns):
            made.add("", r, c)
    made.first_row = more.get("first_row", 0)
    made.pages, made.row_lines, made.bboxes = (more.get(k) for k in ("pages", "lines", "boxes"))
    return made


def located(places: Any) -> list[Locator | None]:
    return [w[0].locator(w[1]) if isinstance(w, tuple) else w for w in places]


def test_places_of_every_kind_come_back() -> None:
    boxes = [(float(i), 0.1, 1 / 3, 1e6) for i in range(6)]
    plain = grid(1, 2, 3)
    paged = grid(2, 2, 3, page=4, pages=[4, 5], boxes=boxes)
    lined = grid(3, 2, 3, lines=[17, 30], sheet="表一", first_row=9)
    box = (1.25, 2.0, 3.0, 4.0)
    places: list[Any] = [
        (plain, 5), None, (paged, 0), (paged, 5), (lined, 4), (plain, 0), (plain, 0),
        Locator(line=5, cell=2), Locator(line=6, cell=1), Locator(page=2, bbox=box),
        Locator(sheet="表二", row=1), (lined, 0), None,
    ]  # fmt: skip
    answer = parse_json(frame(pack_places(places))[0][HEAD.size :])
    back = unpack_places(answer, len(places))
    assert located(back) == located(places)
    # by hand: third row of the form stands in grid row 1, column 2 of the lined table
    assert located(back)[4] == Locator(table=3, row=11, column=2, line=30, sheet="表一")
    assert located(back)[3] == Locator(page=5, table=2, row=2, column=3, bbox=boxes[5])
    assert located(back)[9] == Locator(page=2, bbox=box)
    assert unpack_places(parse_json(frame(pack_places([]))[0][HEAD.size :]), 0) == []


def test_shared_locators_hold_no_texts_of_others() -> None:
    """What is remembered for later documents is small whatever a worker sends."""
    before = worker_places._shared.cache_info().currsize
    places = [Locator(row=n, sheet="x" * 1000) for n in range(50_000, 50_020)]
    answer = parse_json(frame(pack_places(places))[0][HEAD.size :])
    assert unpack_places(answer, 20) == places
    assert worker_places._shared.cache_info().currsize == before


def numbers(kind: str, *values: float) -> str:
    return binascii.b2a_base64(array(kind, values).tobytes(), newline=False).decode()


TABLE = [1, None, None, 0, None, None, False]
ONE = numbers("I", 1)
NIL = numbers("I", 0)
HOSTILE_PLACES: dict[str, list[Any]] = {
    "table unknown": [[TABLE], numbers("I", 2), NIL, NIL, None, None],
    "no table": [[], ONE, NIL, NIL, None, None],
    "too few": [[TABLE], numbers("I"), NIL, NIL, None, None],
    "too many": [[TABLE], numbers("I", 1, 1), NIL, NIL, None, None],
    "columns too few": [[TABLE], ONE, NIL, "", None, None],
    "no base64": [[TABLE], ONE, "????", NIL, None, None],
    "cut base64": [[TABLE], ONE, NIL[:-1], NIL, None, None],
    "half a number": [[TABLE], ONE, "AAAA", NIL, None, None],
    "a list": [[TABLE], [1], NIL, NIL, None, None],
    "row without page": [[[1, None, None, 0, [1], None, False]], ONE, ONE, NIL, None, None],
    "row without line": [[[1, None, None, 0, None, [7], False]], ONE, ONE, NIL, None, None],
    "page is a text": [[[1, "1", None, 0, None, None, False]], ONE, NIL, NIL, None, None],
    "pages are texts": [[[1, None, None, 0, ["1"], None, False]], ONE, NIL, NIL, None, None],
    "number is negative": [[[-1, None, None, 0, None, None, False]], ONE, NIL, NIL, None, None],
    "first row is huge": [[[1, None, None, 10**30, None, None, False]], ONE, NIL, NIL, None, None],
    "sheet is a number": [[[1, None, 5, 0, None, None, False]], ONE, NIL, NIL, None, None],
    "table is short": [[[1, None, None]], ONE, NIL, NIL, None, None],
    "box is no number": [
        [[*TABLE[:-1], True]], ONE, NIL, NIL, numbers("d", 1, 2, 3, float("nan")), None
    ],
    "box is endless": [
        [[*TABLE[:-1], True]], ONE, NIL, NIL, numbers("d", 1, 2, float("inf"), 4), None
    ],
    "box of three": [[[*TABLE[:-1], True]], ONE, NIL, NIL, numbers("d", 1, 2, 3), None],
    "locator nowhere": [[], NIL, NIL, NIL, None, [[1], [[1], *[None] * 7]]],
    "locator before": [[], NIL, NIL, NIL, None, [[-1], [[1], *[None] * 7]]],
    "locators too many": [[], NIL, NIL, NIL, None, [[0], [[1, 2], *[None] * 7]]],
    "locator of nothing": [[], NIL, NIL, NIL, None, [[0], [None] * 8]],
    "locator's page is a text": [[], NIL, NIL, NIL, None, [[0], [["1"], *[None] * 7]]],
    "locator's sheet is a number": [[], NIL, NIL, NIL, None, [[0], [*[None] * 6, [5], None]]],
    "locator's box is short": [[], NIL, NIL, NIL, None, [[0], [*[None] * 7, [[1, 2, 3]]]]],
    "locator's box is endless": [
        [], NIL, NIL, NIL, None, [[0], [*[None] * 7, [[1, 2, 3, float("inf")]]]]
    ],
    "locator is short": [[], NIL, NIL, NIL, None, [[0], [[1]]]],
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE_PLACES)
def test_wrong_places_are_refused(name: str) -> None:
    with pytest.raises((TypeError, ValueError, LookupError, ArithmeticError)):
        unpack_places(HOSTILE_PLACES[name], 1)


def test_the_places_that_were_altered_here_are_right_as_they_were() -> None:
    assert located(unpack_places([[TABLE], ONE, NIL, NIL, None, None], 1)) == [
        Locator(table=1, row=1, column=1)
    ]
    assert located(unpack_places([[], NIL, NIL, NIL, None, [[0], [[1], *[None] * 7]]], 1)) == [
        Locator(page=1)
    ]


# -- hostile records -------------------------------------------------------------------------------

VALUES, DECIMALS, STATES, RAWS, UNITS, REPAIRS, ABOUT = 4, 5, 6, 7, 9, 10, 11
ROWS, LABELS = 14, 15
YEAR = 7


def amount(digits: str) -> Callable[[list[Any]], None]:
    def change(record: list[Any]) -> None:
        record[DECIMALS] = {"0": digits}

    return change


def put(*path: Any, value: Any) -> Callable[[list[Any]], None]:
    def change(record: list[Any]) -> None:
        at: Any = record
        for key in path[:-1]:
            at = at[key]
        at[path[-1]] = value

    return change


HOSTILE: dict[str, Callable[[list[Any]], None]] = {
    "NaN": amount("NaN"),
    "signalling NaN": amount("sNaN"),
    "infinite": amount("-Infinity"),
    "a gigabyte as a whole number": amount("1E+999999999"),
    "31 digits": amount("1" + "0" * 31),
    "places without end": amount("1E-999999999"),
    "a long amount": amount("0." + "1" * 20_000),
    "no amount": amount("12元"),
    "an amount for no figure": put(DECIMALS, value={"9999": "1"}),
    "beyond 64 bits": put(VALUES, 3, value=2**63),
    "a value that is true": put(VALUES, 3, value=True),
    "a broken value": put(VALUES, 3, value=1.5),
    "values too few": put(VALUES, value=[1]),
    "an unknown state": put(STATES, value="z" * len(town())),
    "a state too many": put(STATES, value="a" * (len(town()) + 1)),
    "no states": put(STATES, value=None),
    "a raw number": put(RAWS, 0, value=5),
    "a raw text too many": put(RAWS, value=[None] * (len(town()) + 1)),
    "a unit for no figure": put(UNITS, value={"9999": "元"}),
    "a unit before the first": put(UNITS, value={"-1": "元"}),
    "a repair for no figure": put(REPAIRS, value={"9999": [["k", 0, 1, "a", "b"]]}),
    "a repair cut short": put(REPAIRS, value={"0": [["k", 0]]}),
    "the year 10000": put(ABOUT, YEAR, value=10_000),
    "a year that is true": put(ABOUT, YEAR, value="2023"),
    "a label too many": put(LABELS, value=["x"]),
    "rows of numbers": put(ROWS, value=[[1], [2], [3]]),
    "rows without keys": put(ROWS, value=[]),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_record_that_no_parser_gives_is_refused(name: str) -> None:
    made = town()
    answer = sent(made)
    assert isinstance(unpack(answer, source_of(made)), Report)
    answer = sent(made)
    HOSTILE[name](answer["report"])
    with pytest.raises(WireError):
        unpack(answer, source_of(made))


def test_amounts_and_counts_at_the_edge_travel() -> None:
    long = "0." + "1" * 9_990  # as long as a cell may be
    path = f"{PD}/administrative_fees/amount"
    for digits in (long, "1E-9000", "-0", "999999999999999999.5", "12.50"):
        made = report({path: Decimal(digits)})
        back = travelled(made, source_of(made))
        assert str(back[path].value) == str(Decimal(digits))
        use(back)
    for number in (10**18 - 1, 2**63 - 1, -(2**63)):
        made = report({f"{RQ}/granted/total": number})
        assert travelled(made, source_of(made))[f"{RQ}/granted/total"].value == number


def use(result: Report) -> None:
    """Everything that asks for what is made late."""
    result.to_json().encode("utf-8")
    str(result)
    assert len(result.outcomes) == len(result.layout.identities)
    assert len(list(result)) == len(result.layout.figures)
    for match in result.rows.values():
        str(match.locator)
    to_frame([result], "long")


def test_a_flipped_bit_anywhere_gives_a_usable_report_or_is_refused(
    pairs: list[tuple[Report, Report]],
) -> None:
    chance = random.Random(8)
    refused = taken = 0
    for made, _ in (pairs[0], pairs[2], pairs[-1]):
        whole = frame(pack(made))[0][HEAD.size :]
        source = source_of(made)
        for _ in range(300):
            broken = bytearray(whole)
            for _ in range(chance.choice((1, 1, 3))):
                broken[chance.randrange(len(broken))] ^= 1 << chance.randrange(7)
            try:
                result = unpack(parse_json(bytes(broken)), source)
            except WireError:
                refused += 1
                continue
            taken += 1
            assert result.report_id.startswith(source.report_id)
            if isinstance(result, Report):
                use(result)
    assert refused > 100
    assert taken > 100

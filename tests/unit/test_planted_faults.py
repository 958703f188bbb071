"""Faults planted in the parser, one at a time: the probes must catch every one of them.

Each fault is a change of one function, of the kind that a slip of the hand makes. Without a fault
all probes pass (else nothing would be shown).
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "planted"))
import probes

from govreport_parse import building, parsing, reading, report, values
from govreport_parse.checks import solve
from govreport_parse.documents import html_survey, html_table, model
from govreport_parse.errors import NotAReportError
from govreport_parse.formbook.spec import Layout
from govreport_parse.matching import assign, figures, proactive, tables
from govreport_parse.matching.labels import request_column_keys
from govreport_parse.matching.result import Place
from govreport_parse.numbers import Reading
from govreport_parse.values import State

Patch = pytest.MonkeyPatch
FAULTS: dict[str, Callable[[Patch], None]] = {}


def fault(plant: Callable[[Patch], None]) -> Callable[[Patch], None]:
    FAULTS[plant.__name__] = plant
    return plant


def wrap(patch: Patch, owner: Any, name: str, change: Callable[..., Any]) -> None:
    """Replace a function by ``change(original, *arguments)``."""
    original = getattr(owner, name)
    patch.setattr(owner, name, lambda *args, **kw: change(original, *args, **kw))


def on_reading(patch: Patch, change: Callable[[str, str, Reading], Reading]) -> None:
    """Every number is read otherwise. Plain digits take a short way past ``read_number``."""

    def read(original, raw, kind="integer", **kw):
        return change(raw, kind, original(raw, kind, **kw))

    wrap(patch, figures, "read_number", read)


# --- places ----------------------------------------------------------------------------------


@fault
def columns_of_a_row_shifted_by_one(patch: Patch) -> None:
    def shift(original, *args):
        row = original(*args)
        if row.places:
            row.places = [*row.places[1:], row.places[0]]
        return row

    wrap(patch, assign, "request_row", shift)


@fault
def rows_told_by_their_group_forgotten(patch: Patch) -> None:
    patch.setattr(assign, "_by_order", lambda *_: None)


@fault
def shared_label_goes_to_the_first_row_that_has_it(patch: Patch) -> None:
    def first(original, hit, free):
        names = [k for _, k in hit.match.rows] if hit.match else []
        return names[0] if names else original(hit, free)

    wrap(patch, assign, "_named", first)


@fault
def last_row_of_table_3_lost(patch: Patch) -> None:
    def lose(original, rows):
        table, split = original(rows)
        table.rows.pop("carried_forward", None)
        return table, split

    wrap(patch, tables, "match_requests", lose)


@fault
def one_block_of_table_2_lost(patch: Patch) -> None:
    def lose(original, *args):
        table = original(*args)
        table.rows.pop("coercive_measures", None)
        table.rows.pop("penalties", None)
        return table

    wrap(patch, tables, "match_proactive", lose)


@fault
def fewer_than_seven_values_taken_by_position(patch: Patch) -> None:
    def take(original, hit, *args):
        row = original(hit, *args)
        if row.places is None and row.tokens:
            zero = Place("0", row.where)
            row.places = [*row.tokens, *[zero] * 7][:7]
        return row

    wrap(patch, assign, "request_row", take)


@fault
def order_of_the_header_ignored(patch: Patch) -> None:
    patch.setattr(assign, "header_order", lambda *_: None)


@fault
def row_printed_twice_with_other_numbers_not_noticed(patch: Patch) -> None:
    for name in ("match_requests", "match_proactive"):

        def forget(original, *args):
            out = original(*args)
            (out[0] if isinstance(out, tuple) else out).conflicts.clear()
            return out

        wrap(patch, tables, name, forget)


@fault
def row_of_no_form_dropped_without_a_word(patch: Patch) -> None:
    def quiet(original, *args):
        found = original(*args)
        args[3].extra.clear()
        args[3].findings.clear()
        return found

    wrap(patch, proactive, "_rows", quiet)


@fault
def locators_off_by_one_row(patch: Patch) -> None:
    def off(original, self, i):
        place = original(self, i)
        return dataclasses.replace(place, row=place.row + 1)

    wrap(patch, model.Table, "locator", off)


@fault
def rowspans_ignored(patch: Patch) -> None:
    patch.setattr(html_survey, "parse_span", lambda *_: 1)


@fault
def hidden_rows_read(patch: Patch) -> None:
    for module in (html_survey, html_table):
        patch.setattr(module, "is_hidden", lambda *_: False)


# --- numbers ---------------------------------------------------------------------------------


@fault
def blank_read_as_0(patch: Patch) -> None:
    on_reading(patch, lambda _, __, r: Reading(0, State.REPORTED) if r.state is State.BLANK else r)


@fault
def dash_read_as_reported_0(patch: Patch) -> None:
    on_reading(patch, lambda _, __, r: Reading(0, State.REPORTED) if r.state is State.DASH else r)


@fault
def blank_written_as_0_in_the_json(patch: Patch) -> None:
    def zero(original, self):
        out = original(self)
        return out | {"value": 0 if out["state"] == "blank" else out["value"]}

    wrap(patch, values.Figure, "to_dict", zero)


@fault
def full_width_digits_not_read(patch: Patch) -> None:
    def refuse(raw: str, _: str, reading: Reading) -> Reading:
        wide = any("０" <= c <= "９" for c in raw)
        return Reading(None, State.UNREADABLE) if wide else reading

    on_reading(patch, refuse)


@fault
def number_cut_at_the_thousands_separator(patch: Patch) -> None:
    def cut(original, raw, *args, **kw):
        return original(raw.split(",")[0] if raw[:1].isdigit() else raw, *args, **kw)

    wrap(patch, figures, "read_number", cut)


@fault
def note_in_parentheses_added_to_the_number(patch: Patch) -> None:
    def add(raw: str, kind: str, reading: Reading) -> Reading:
        digits = "".join(c for c in raw if c.isdigit())
        return reading._replace(value=int(digits)) if "修订" in raw else reading

    on_reading(patch, add)


@fault
def minus_lost(patch: Patch) -> None:
    on_reading(patch, lambda _, __, r: r._replace(value=abs(r.value)) if r.value else r)


@fault
def decimals_cut_off(patch: Patch) -> None:
    def cut(_: str, kind: str, reading: Reading) -> Reading:
        if kind == "decimal" and reading.value is not None:
            return reading._replace(value=Decimal(int(reading.value)))
        return reading

    on_reading(patch, cut)


@fault
def unit_yuan_in_the_cell_ignored(patch: Patch) -> None:
    on_reading(patch, lambda _, __, r: r._replace(unit=None))


# --- sums ------------------------------------------------------------------------------------


@fault
def solver_picks_the_first_of_several(patch: Patch) -> None:
    def pick(original, reason, readings):
        if reason == "several":
            return solve.Solution({k: r[0] for k, r in readings.items()}, {}, "unique")
        return original(reason, readings)

    wrap(patch, solve, "_undecided", pick)


@fault
def solver_fills_lost_places_from_the_left(patch: Patch) -> None:
    def left(original, table, known, open_rows, **kw):
        rows = {
            r.row: tuple([int(t) for t in r.tokens][:7] + [None] * (7 - len(r.tokens)))
            for r in open_rows
        }
        return solve.Solution(rows, {}, "unique")

    from govreport_parse.checks import apply

    wrap(patch, apply, "solve_requests", left)


@fault
def every_sum_said_to_hold(patch: Patch) -> None:
    def hold(original, *args):
        return [o._replace(state=values.CheckState.HOLDS) for o in original(*args)]

    wrap(patch, report, "check_identities", hold)


# --- the whole -------------------------------------------------------------------------------


@fault
def exception_swallowed_into_an_empty_report(patch: Patch) -> None:
    def swallow(original, *args):
        try:
            return original(*args)
        except NotAReportError:
            return "ogi_annual_2021"

    wrap(patch, building, "accept", swallow)


@fault
def bad_document_left_out_of_many(patch: Patch) -> None:
    def leave_out(original, sources, *args, **kw):
        return (r for r in original(sources, *args, **kw) if isinstance(r, report.Report))

    wrap(patch, parsing, "parse_many", leave_out)


@fault
def year_taken_from_the_date_of_publication(patch: Patch) -> None:
    def take(original, *args, **kw):
        who = original(*args, **kw)
        if kw.get("year") is None and who.published is not None:
            who = dataclasses.replace(who, year=who.published.year)
        return who

    wrap(patch, building, "identify", take)


@fault
def year_of_the_caller_ignored(patch: Patch) -> None:
    wrap(
        patch, building, "identify", lambda original, *a, **kw: original(*a, **kw | {"year": None})
    )


@fault
def findings_of_the_matcher_dropped(patch: Patch) -> None:
    wrap(patch, building, "read_figures", lambda original, *a, **kw: (original(*a, **kw)[0], []))


@fault
def text_of_tables_left_in_the_sections(patch: Patch) -> None:
    wrap(
        patch, building, "match_sections", lambda original, blocks, _: original(blocks, frozenset())
    )


@fault
def second_report_of_a_document_dropped(patch: Patch) -> None:
    patch.setattr(building, "split", lambda document, _: [document])


@fault
def label_of_the_charset_believed(patch: Patch) -> None:
    def believe(original, data, **kw):
        if b'charset="gb2312"' in data[:400]:
            found = original(data, **kw)
            text = data.decode("gb18030", "replace")
            return dataclasses.replace(found, text=text, encoding="gb18030")
        return original(data, **kw)

    wrap(patch, reading, "decode_text", believe)


@fault
def form_taken_for_the_one_of_2021(patch: Patch) -> None:
    def one(original, *args):
        from govreport_parse.formbook import form

        original(*args)
        layout: Layout = form("ogi_annual_2021").layout
        return layout

    wrap(patch, tables, "_layout", one)


@fault
def glosses_left_in_labels(patch: Patch) -> None:
    from govreport_parse import text

    patch.setattr(text, "find_glosses", lambda _: [])


# --- the tests -------------------------------------------------------------------------------


@pytest.fixture
def fresh() -> Iterator[None]:
    """Caches of the parser must not carry answers over from before or beyond a fault."""
    clear_caches()
    yield
    clear_caches()


def clear_caches() -> None:
    for name, module in list(sys.modules.items()):
        if name.startswith("govreport_parse.") and ".testing" not in name:
            for value in list(vars(module).values()):
                if hasattr(value, "cache_clear"):
                    value.cache_clear()


def test_without_a_fault_every_probe_passes() -> None:
    assert len(probes.PROBES) >= 15
    assert list(probes.failing()) == []


def test_ten_faults_and_more_are_planted() -> None:
    assert len(FAULTS) >= 30
    assert len(request_column_keys()) == 7


@pytest.mark.parametrize("name", FAULTS)
def test_the_probes_catch(name: str, monkeypatch: Patch, fresh: None) -> None:
    FAULTS[name](monkeypatch)
    caught = next(probes.failing(), None)
    monkeypatch.undo()
    assert caught, f"{name} was not caught by any probe"

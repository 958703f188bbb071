from __future__ import annotations

import json
import pickle
import random
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

import jsonschema
import pytest
from handmade import RL, RQ, report, town

from govreport_parse.checks.corrections import Suggestion, _exact, suggest
from govreport_parse.checks.corrections_kinds import Kind, Seen, kind_of
from govreport_parse.display import card
from govreport_parse.formbook import form
from govreport_parse.record_json import report_from_dict
from govreport_parse.report import FigureColumns, Report, Section
from govreport_parse.schema import schema
from govreport_parse.testing import random_record
from govreport_parse.values import CheckState, Finding, State

INNER = (
    "natural_person",
    "business",
    "research_institution",
    "public_interest_org",
    "legal_service_org",
    "other_org",
)


def only(made: Report) -> Suggestion:
    (suggestion,) = made.suggestions
    return suggestion


def broken(**changes: Any) -> Report:
    return town(changes={f"{RQ}/{k.replace('__', '/')}": v for k, v in changes.items()})


# -- one cell --------------------------------------------------------------------------------------


def test_nothing_is_suggested_where_all_sums_hold() -> None:
    assert town().suggestions == ()
    assert "suggestions" not in town().to_dict()


def test_every_wrong_cell_of_the_requests_table_is_named_with_its_true_value() -> None:
    for row in form("ogi_annual_2021").table(RQ).blocks[0].data_rows:
        for column in (*INNER, "total"):
            path = f"{RQ}/{row.key}/{column}"
            true = town()[path].value
            assert isinstance(true, int)
            made = only(town(changes={path: true + 10}))
            assert (made.figures, made.values, made.current) == ((path,), (true,), (true + 10,))
            assert made.count == 1
            assert made.candidates == ()


@pytest.mark.parametrize(
    ("path", "identities"),
    [
        # a leaf: its row and its column
        (
            "granted/natural_person",
            {"t3_row_total:granted", "t3_outcomes:natural_person"},
        ),
        # the sum of a column is in its row, in its column and in the balance
        (
            "outcomes_total/business",
            {"t3_row_total:outcomes_total", "t3_outcomes:business", "t3_balance:business"},
        ),
        ("granted/total", {"t3_row_total:granted", "t3_outcomes:total"}),
        ("carried_forward/other_org", {"t3_row_total:carried_forward", "t3_balance:other_org"}),
    ],
)
def test_the_identities_that_a_suggestion_mends(path: str, identities: set[str]) -> None:
    made = only(town(changes={f"{RQ}/{path}": 40}))
    assert set(made.identities) == identities


def test_a_suggestion_is_never_applied() -> None:
    made = broken(granted__natural_person=7)
    before = (list(made.columns.values), list(made.columns.states))
    assert made.suggestions
    assert (made.columns.values, made.columns.states) == before
    assert made[f"{RQ}/granted/natural_person"].value == 7
    assert made.completeness["broken"] == 2


def test_the_reason_is_told_in_both_languages() -> None:
    made = only(broken(granted__natural_person=7))
    assert made.reason == (
        "requests/granted/natural_person 7 → 2 would mend 2 broken identities; one digit looks "
        "like the other: probably a reading fault"
    )
    assert "“（一）予以公开 / 自然人”由7改为2" in made.reason_zh
    assert "2项" in made.reason_zh
    assert made.kind == "look_alike"
    assert made.fault == "reading"


def test_cells_that_are_proved_to_read_so_speak_of_the_organ() -> None:
    made = broken(granted__natural_person=7)
    wrong = [
        i for i, o in zip(made.layout.identities, made.outcomes, strict=True)
        if o.state is CheckState.BROKEN
    ]  # fmt: skip
    made.findings = tuple(
        Finding("identity_broken", "error", "x", "x", i.expected + i.found, None,
                (("id", i.id), ("verdict", "source")))
        for i in wrong
    )  # fmt: skip
    assert only(made).fault == "organ"
    assert only(made).kind == "look_alike"


# -- several cells ---------------------------------------------------------------------------------


def test_two_wrong_cells_far_apart_are_two_suggestions() -> None:
    made = broken(granted__natural_person=5, carried_forward__business=3)
    assert {(s.figures, s.values) for s in made.suggestions} == {
        ((f"{RQ}/granted/natural_person",), (2,)),
        ((f"{RQ}/carried_forward/business",), (0,)),
    }
    assert sum(len(s.identities) for s in made.suggestions) == made.completeness["broken"]


def test_two_wrong_cells_of_one_row_are_one_suggestion() -> None:
    made = only(broken(granted__natural_person=5, granted__other_org=4))
    assert made.figures == (f"{RQ}/granted/natural_person", f"{RQ}/granted/other_org")
    assert made.values == (2, 0)


def square(**changes: int) -> Report:
    """Two rows and two columns of 5 each, all sums in order before the changes."""
    figures: dict[str, int] = {}
    for row in ("granted", "not_held"):
        figures |= {f"{row}/legal_service_org": 5, f"{row}/other_org": 5, f"{row}/total": 10}
    for row in ("requests_received", "outcomes_total"):
        figures |= {f"{row}/legal_service_org": 10, f"{row}/other_org": 10, f"{row}/total": 20}
    figures |= {k.replace("__", "/"): v for k, v in changes.items()}
    return report({f"{RQ}/{k}": v for k, v in figures.items()})


def test_corners_of_a_rectangle_can_not_be_told_from_the_other_two() -> None:
    assert square().suggestions == ()
    # 3 too many in two rows and two columns: either diagonal explains all four sums
    made = only(square(granted__other_org=8, not_held__legal_service_org=8))
    assert made.kind == "undecided"
    assert made.figures == made.values == made.current == ()
    assert made.count == 2
    assert {(frozenset(c.figures), c.values) for c in made.candidates} == {
        (frozenset((f"{RQ}/granted/other_org", f"{RQ}/not_held/legal_service_org")), (5, 5)),
        (frozenset((f"{RQ}/granted/legal_service_org", f"{RQ}/not_held/other_org")), (2, 2)),
    }


def test_a_rectangle_is_decided_where_the_other_diagonal_would_be_below_zero() -> None:
    made = square(granted__other_org=11, not_held__legal_service_org=11)
    # 6 too many: the other diagonal has only 5 to give
    assert {(s.figures, s.values) for s in made.suggestions} == {
        ((f"{RQ}/granted/other_org",), (5,)),
        ((f"{RQ}/not_held/legal_service_org",), (5,)),
    }


def test_a_number_in_the_neighbouring_column_is_told_as_shifted() -> None:
    # row granted is 2 0 0 0 0 0: the 2 slips one column to the right; no other row has 2 there
    made = only(broken(granted__natural_person=0, granted__business=2))
    pairs = [(made.figures, made.values)] if made.is_decided else [
        (c.figures, c.values) for c in made.candidates
    ]  # fmt: skip
    assert ((f"{RQ}/granted/natural_person", f"{RQ}/granted/business"), (2, 0)) in pairs
    kinds = {made.kind, *(c.kind for c in made.candidates)}
    assert "shifted" in kinds


def test_four_wrong_cells_are_not_guessed() -> None:
    made = broken(
        granted__natural_person=11,
        not_held__business=23,
        petition_complaint__other_org=37,
        repeated_request__legal_service_org=59,
    )
    assert [s.kind for s in made.suggestions] == ["undecided"]
    assert only(made).candidates == ()
    assert only(made).count == 0
    assert "more than three cells" in only(made).reason


# -- table 4 ---------------------------------------------------------------------------------------


def test_one_sum_of_table_4_leaves_its_parts_and_its_total() -> None:
    made = only(town(changes={f"{RL}/review/upheld": 2}))
    assert made.kind == "undecided"
    assert made.identities == ("t4_review_total:review",)
    assert {(c.figures, c.values) for c in made.candidates} == {
        ((f"{RL}/review/upheld",), (1,)),
        ((f"{RL}/review/total",), (2,)),
    }
    assert made.count == 2


def test_sentences_of_the_report_put_candidates_in_order() -> None:
    def told(sentence: str) -> list[tuple[str, int, str]]:
        made = town(
            changes={f"{RL}/review/upheld": 2},
            sections=(Section("overview", "一、总体情况", sentence),),
        )
        return [(c.figures[0], int(c.values[0]), c.text) for c in only(made).candidates]

    upheld, total = f"{RL}/review/upheld", f"{RL}/review/total"
    # the cell says 1 review, its parts 2
    assert told("因政府信息公开申请行政复议2件。") == [(total, 2, "agrees"), (upheld, 1, "silent")]
    assert told("因政府信息公开申请行政复议1件。") == [
        (upheld, 1, "silent"),
        (total, 2, "contradicts"),
    ]
    assert {voice for _, _, voice in told("召开会议3次。")} == {"silent"}


def test_the_text_is_quoted_in_the_reason_and_decides_nothing() -> None:
    made = only(
        town(
            changes={f"{RL}/review/upheld": 2},
            sections=(Section("overview", "一、总体情况", "因政府信息公开申请行政复议2件。"),),
        )
    )
    assert not made.is_decided
    assert "total 1 → 2 (as the text says)" in made.reason
    assert "由1改为2（与正文一致）" in made.reason_zh


def test_blocks_of_table_4_and_table_3_do_not_mix() -> None:
    made = town(changes={f"{RL}/review/upheld": 2, f"{RQ}/granted/natural_person": 7})
    assert [s.is_decided for s in made.suggestions] == [True, False]


# -- states ----------------------------------------------------------------------------------------


def test_a_blank_cell_that_should_hold_a_number() -> None:
    made = only(broken(granted__natural_person=State.BLANK, granted__business=0))
    # the row: 0 0 0 0 0 and a blank, total 2; its column lacks 2
    assert (made.figures, made.values, made.current) == (
        (f"{RQ}/granted/natural_person",),
        (2,),
        (None,),
    )
    assert made.kind == "left_empty"
    assert made.fault == "undecided"
    assert "(blank) → 2" in made.reason


@pytest.mark.parametrize("state", [State.ABSENT, State.UNREADABLE, State.AMBIGUOUS])
def test_a_cell_without_a_number_is_never_named(state: State) -> None:
    lost = f"{RQ}/granted/natural_person"
    made = town(changes={lost: state, f"{RQ}/granted/business": 4})
    # row granted and column natural_person can't be checked; column business has 4 too many
    named = {f for s in made.suggestions for f in s.places}
    assert lost not in named
    assert f"{RQ}/granted/business" in named


def test_without_its_row_a_cell_is_one_of_several() -> None:
    made = town(
        changes={
            f"{RQ}/requests_received/business": 6,
            f"{RQ}/requests_received/total": 8,
            f"{RQ}/granted/natural_person": State.ABSENT,
            f"{RQ}/granted/business": 4,  # 2 is right
            f"{RQ}/granted/total": 4,
            f"{RQ}/not_held/natural_person": State.ABSENT,
            f"{RQ}/not_held/business": 3,
            f"{RQ}/not_held/total": 3,
            f"{RQ}/outcomes_total/business": 6,
            f"{RQ}/outcomes_total/total": 8,
        }
    )
    # 2 too many in the column; the rows of these two cells can't be checked
    assert {(c.figures, c.values) for c in only(made).candidates} == {
        ((f"{RQ}/granted/business",), (2,)),
        ((f"{RQ}/not_held/business",), (1,)),
    }


def test_blank_totals_prove_nothing_once_the_report_leaves_totals_blank() -> None:
    # not_held holds 3 with its total left blank, so the blank total of granted is no 0 either
    made = report(
        {
            f"{RQ}/requests_received/business": 8,
            f"{RQ}/requests_received/total": 8,
            f"{RQ}/not_held/business": 3,
            f"{RQ}/not_held/total": State.BLANK,
            f"{RQ}/granted/business": State.BLANK,
            f"{RQ}/granted/total": State.BLANK,
            f"{RQ}/outcomes_total/business": 8,
            f"{RQ}/outcomes_total/total": 8,
        }
    )
    (suggestion,) = made.suggestions
    places = set(suggestion.places)
    # 5 lack in the column; both rows with a blank total may hold them
    assert {f"{RQ}/granted/business", f"{RQ}/not_held/business"} <= places
    assert not suggestion.is_decided


def test_no_count_is_suggested_below_zero() -> None:
    rng = random.Random(5)
    for _ in range(40):
        made = _generated(rng, wrong=2, style="blank_zeros")
        for s in suggest(made):
            assert all(v >= 0 for v in s.values)
            assert all(v >= 0 for c in s.candidates for v in c.values)


# -- generated -------------------------------------------------------------------------------------


def _generated(
    rng: random.Random, *, wrong: int, style: str = "plain", truth: dict[str, int] | None = None
) -> Report:
    record = random_record(rng, rng.choice(("ogi_annual_2021", "ogi_annual_2019")), style=style)
    layout = record.layout
    columns = FigureColumns.absent(len(layout.figures))
    for i, path in enumerate(layout.paths):
        cell = record.cells[path]
        columns.values[i], columns.states[i], columns.raws[i] = cell.value, cell.state, cell.text
    paths = [p for p in layout.paths if p.startswith(RQ) and not p.endswith("/total")]
    for path in rng.sample(paths, wrong):
        i = layout.index[path]
        old = int(columns.values[i] or 0)
        columns.values[i], columns.states[i] = old + rng.randint(1, 9), State.REPORTED
        if truth is not None:
            truth[path] = old
    return Report("0" * 16, town().source, layout, layout.form, columns)


@pytest.mark.parametrize("wrong", [1, 2, 3])
def test_wrong_cells_of_generated_reports_are_found(wrong: int) -> None:
    rng = random.Random(wrong)
    right = 0
    for _ in range(60):
        truth: dict[str, int] = {}
        made = _generated(rng, wrong=wrong, truth=truth)
        named = {f: v for s in suggest(made) for f, v in zip(s.figures, s.values, strict=True)}
        if wrong == 1:
            assert named == truth
        right += named == truth
    assert right >= 57


def test_what_is_named_mends_all_sums() -> None:
    rng = random.Random(11)
    for _ in range(40):
        made = _generated(rng, wrong=3, style="blank_zeros")
        told = suggest(made)
        if not told or not all(s.is_decided for s in told):
            continue
        changed = FigureColumns(
            list(made.columns.values),
            list(made.columns.states),
            made.columns.raws,
            made.columns.where,
        )
        for s in told:
            for path, value in zip(s.figures, s.values, strict=True):
                i = made.layout.index[path]
                changed.values[i], changed.states[i] = value, State.REPORTED
        after = Report("0" * 16, made.source, made.layout, made.form, changed)
        assert after.completeness["broken"] == 0


def test_the_answer_is_the_same_every_time() -> None:
    rng = random.Random(2)
    made = [_generated(rng, wrong=3, style="shanghai") for _ in range(10)]
    assert [suggest(r) for r in made] == [suggest(r) for r in made]


# -- kinds -----------------------------------------------------------------------------------------


def seen(current: int | None, new: int, raw: str = "", **more: Any) -> Seen:
    return Seen((RQ, "granted", "business"), raw or str(current), current, new, **more)


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        (seen(7, 1), "look_alike"),
        (seen(130, 180), "look_alike"),
        (seen(5, 0), "arithmetic"),
        (seen(21, 12), "transposed"),
        (seen(12, 112), "digit_lost"),
        (seen(12, 123), "digit_lost"),
        (seen(1203, 123), "digit_added"),
        (seen(12, 345), "arithmetic"),
        (seen(12, 345, is_total=True), "total"),
        (seen(None, 3), "left_empty"),
        (seen(-3, 3), "sign"),
        (seen(22, 16, "22（其中修订16件）"), "other_number"),
        (seen(22, 16, "２２（其中修订１６件）"), "other_number"),
        (seen(1, 12, "1 2"), "other_number"),
    ],
)
def test_kinds_of_one_cell(cell: Seen, kind: Kind) -> None:
    assert kind_of([cell]) == kind


def pair(a: tuple[int | None, int], b: tuple[int | None, int], *, beside: bool = True) -> Kind:
    second = Seen((RQ, "granted", "other_org"), str(b[0]), b[0], b[1])
    first = Seen(
        (RQ, "granted", "business"),
        str(a[0]),
        a[0],
        a[1],
        neighbours=(second.path,) if beside else (),
    )
    return kind_of([first, second])


def test_kinds_of_two_neighbours() -> None:
    assert pair((5, 0), (0, 5)) == "shifted"
    assert pair((5, 3), (3, 5)) == "shifted"
    assert pair((1, 12), (2, 0)) == "digits_split"
    assert pair((12, 1), (0, 2)) == "digits_joined"
    assert pair((12, 1), (None, 2)) == "digits_joined"
    # not side by side: two slips of their own, told by the weaker
    assert pair((5, 0), (0, 5), beside=False) == "arithmetic"


# -- where they are told ---------------------------------------------------------------------------


def test_explain_and_card_tell_them() -> None:
    made = broken(granted__natural_person=7)
    assert "Suggestion: requests/granted/natural_person 7 → 2" in made.explain(
        f"{RQ}/granted/natural_person"
    )
    assert "never applied" in made.explain(f"{RQ}/granted/natural_person")
    assert "Suggestion" not in made.explain(f"{RQ}/granted/business")
    assert "→ requests/granted/natural_person 7 → 2" in card(made)


def test_json_follows_the_schema_and_comes_back() -> None:
    made = town(changes={f"{RL}/review/upheld": 2, f"{RQ}/granted/natural_person": State.BLANK})
    data = json.loads(made.to_json())
    jsonschema.Draft202012Validator(schema()).validate(data)
    assert [s["kind"] for s in data["suggestions"]] == ["left_empty", "undecided"]
    assert data["suggestions"][0]["current"] == [None]
    assert json.loads(report_from_dict(data).to_json()) == data


def test_a_copy_of_a_report_has_the_same_suggestions() -> None:
    made = broken(granted__natural_person=7)
    assert pickle.loads(pickle.dumps(made)).suggestions == made.suggestions


def test_each_report_of_a_document_has_its_own() -> None:
    first, second = town(), broken(granted__natural_person=7)
    first.others = (second,)
    assert first.suggestions == ()
    assert first.to_dict()["others"][0]["suggestions"]


def test_sums_of_the_statistics_table_of_2014_are_used_too() -> None:
    from govreport_parse.formbook.statistics import statistics_form

    layout = statistics_form().layout
    identity = layout.identities[0]
    figures: Mapping[str, Any] = {identity.found[0]: 5, identity.expected[0]: 3}
    made = report(figures, of=layout)
    told = {f for s in made.suggestions for f in s.places}
    assert {identity.found[0], identity.expected[0]} <= told


def test_gaps_are_exact_whatever_type_they_come_in() -> None:
    half = _exact(Decimal("12.5"))
    assert half == Fraction(25, 2)
    assert isinstance(half, Fraction)
    assert _exact(0.25) == Fraction(1, 4)
    for whole in (7, Decimal("7.00"), 7.0):
        assert _exact(whole) == 7
        assert isinstance(_exact(whole), int)
    # no detour by binary fractions: 0.1 + 0.2 is 0.3
    assert _exact(Decimal("0.1")) + _exact(Decimal("0.2")) == _exact(Decimal("0.3"))

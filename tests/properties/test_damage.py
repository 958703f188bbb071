"""Damaged reports: every number is right or flagged, in all dialects and layouts.

The share that runs here is seeded; ``benchmarks/run_damage.py`` runs any number of them.
"""

from __future__ import annotations

import pytest

from govreport_parse.errors import UsageError
from govreport_parse.testing import DAMAGES, DIALECTS, LAYOUTS
from govreport_parse.testing.campaign import SHAPES, Tally, case, cases, figures_of, verdict
from govreport_parse.values import State

SEED = 20_230_401
ROUNDS = 2
"""Documents a damage and shape: 18 x 33 x 2 = 1,188, besides the undamaged ones."""
EXTRA = 300
LOST = 3


@pytest.mark.parametrize("name", DAMAGES)
def test_a_damaged_report_has_no_wrong_number_without_a_flag(name: str) -> None:
    tally = Tally()
    for one in cases(SEED, range(ROUNDS * len(SHAPES)), name):
        tally.add(verdict(one, figures_of))
    wrong = [(str(v.case), *map(str, v.wrong[:3])) for v in tally.kept if v.wrong]
    assert not wrong
    assert tally.total["documents"] == ROUNDS * len(SHAPES)
    # A reader that refuses everything would also be free of wrong numbers.
    assert tally.total["refused"] == 0
    assert tally.total["documents lost"] <= LOST


@pytest.mark.parametrize("part", range(4))
def test_mixed_damages_of_another_seed_have_no_wrong_number_without_a_flag(part: int) -> None:
    numbers = range(part * EXTRA // 4, (part + 1) * EXTRA // 4)
    found = [verdict(one, figures_of) for one in cases(SEED + 1, (97 * n for n in numbers))]
    assert not [(str(v.case), *map(str, v.wrong[:3])) for v in found if v.wrong]


def test_every_shape_meets_every_damage() -> None:
    met = {(c.shape, c.damage) for c in cases(1, range(len(SHAPES) * len(DAMAGES)))}
    assert list(SHAPES) == [*DIALECTS, *LAYOUTS]
    assert met == {(s, d) for s in SHAPES for d in DAMAGES} - {("dedup", "cut_end")}


def test_the_same_seed_and_number_give_the_same_document() -> None:
    assert case(5, 77) == case(5, 77)
    assert case(5, 77).document != case(6, 77).document


def test_an_unknown_damage_is_named() -> None:
    with pytest.raises(UsageError, match="drop_everything"):
        case(1, 1, "drop_everything")


def test_a_lying_reader_is_caught_and_a_silent_one_counted() -> None:
    one = case(1, 0, "alter_number")
    (path,) = one.touched
    ((state, value),) = one.allowed[path]
    honest = {p: next(iter(a)) for p, a in one.allowed.items()}
    assert not verdict(one, lambda _: honest).violations
    lied = verdict(one, lambda _: {**honest, path: (state, value + 1)})
    assert [(v.path, v.severity) for v in lied.wrong] == [(path, "wrong_value")]
    silent = verdict(one, lambda _: {**honest, path: (State.ABSENT, None)})
    assert not silent.wrong
    tally = Tally()
    tally.add(lied)
    tally.add(silent)
    assert (tally.total["wrong_value"], tally.total["lost"], tally.total["documents"]) == (1, 1, 2)
    assert "alter_number" in str(tally)

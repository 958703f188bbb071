"""The ratchet: how many figures of the corpus are exact, and that it never gets worse unseen.

``scoreboard.json`` lies beside the fixtures: exact and total figures per form and format, one
line a fixture, and a digest of the corpus (every source and every expectation). The board is
written only by ``accept``; a fall needs a reason, which stays on the board. A fixture that the
board knows and the folder lacks is a failure.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from govreport_parse.errors import DatasetError, UsageError
from govreport_parse.testing.diff import Comparison
from govreport_parse.testing.fixture_files import (
    SCOREBOARD,
    expected_digest,
    json_text,
    writing,
)

SCHEMA = "govreport-scoreboard/1"


@dataclass(frozen=True, slots=True)
class Score:
    """Exact figures of all figures, of one fixture or of a form and format."""

    exact: int
    total: int

    def __str__(self) -> str:
        share = f" ({self.exact / self.total:.2%})" if self.total else ""
        return f"{self.exact}/{self.total}{share}"


@dataclass(frozen=True, slots=True)
class Line:
    """One fixture on the board: its figures, its statements about the document, its digest."""

    figures: Score
    statements: Score
    digest: str


@dataclass(frozen=True)
class Scoreboard:
    """The score of a corpus."""

    fixtures: Mapping[str, Line]
    groups: Mapping[str, Mapping[str, Score]]
    """Form to format to score."""
    corpus: str
    drops: Sequence[Mapping[str, Any]] = field(default=())
    """Every fall that was accepted, with its reason."""


def score_of(
    comparisons: Sequence[Comparison], drops: Sequence[Mapping[str, Any]] = ()
) -> Scoreboard:
    """The score of compared fixtures; drafts do not count."""
    fixtures: dict[str, Line] = {}
    groups: dict[str, dict[str, list[int]]] = {}
    for one in sorted(comparisons, key=lambda c: c.fixture.name):
        if one.fixture.draft:
            continue
        fixtures[one.fixture.name] = Line(
            Score(one.exact, one.total), Score(*one.statements), fixture_digest(one)
        )
        cell = groups.setdefault(one.fixture.form, {}).setdefault(
            str(one.fixture.meta["format"]), [0, 0]
        )
        cell[0] += one.exact
        cell[1] += one.total
    corpus = hashlib.sha256(
        "".join(f"{n} {line.digest}\n" for n, line in fixtures.items()).encode()
    )
    return Scoreboard(
        fixtures,
        {f: {k: Score(*v) for k, v in sorted(by.items())} for f, by in sorted(groups.items())},
        corpus.hexdigest(),
        tuple(drops),
    )


def fixture_digest(comparison: Comparison) -> str:
    """16 hex digits over the source and the expectation (for ``broken/``: the error)."""
    fixture = comparison.fixture
    error = fixture.error
    said = (
        f"{error.type}|{error.message}|{error.hint}" if error else expected_digest(fixture.folder)
    )
    return hashlib.sha256(f"{fixture.source.sha256}{said}".encode()).hexdigest()[:16]


def read_board(root: Path) -> Scoreboard:
    """The recorded board. ``DatasetError`` if there is none or it is malformed."""
    path = root / SCOREBOARD
    if path.is_symlink() or not path.is_file():
        raise DatasetError(
            f"there is no {SCOREBOARD} in {root}",
            hint="restore it from version control; a first one: govreport fixture score --accept",
            context={"folder": str(root)},
        )
    try:
        data = json.loads(path.read_text("utf-8"))
        return Scoreboard(
            {
                name: Line(Score(*v["figures"]), Score(*v["statements"]), v["digest"])
                for name, v in data["fixtures"].items()
            },
            {f: {k: Score(*v) for k, v in by.items()} for f, by in data["groups"].items()},
            data["corpus"],
            tuple(data["drops"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DatasetError(
            f"{SCOREBOARD} of {root} is malformed: {error}",
            hint="restore it from version control",
            context={"folder": str(root)},
        ) from error


def board_text(board: Scoreboard) -> str:
    """The board as JSON, one line a fixture."""
    return json_text(
        {
            "schema": SCHEMA,
            "corpus": board.corpus,
            "groups": {
                f: {k: [s.exact, s.total] for k, s in by.items()} for f, by in board.groups.items()
            },
            "drops": list(board.drops),
            "fixtures": {
                name: {
                    "figures": [line.figures.exact, line.figures.total],
                    "statements": [line.statements.exact, line.statements.total],
                    "digest": line.digest,
                }
                for name, line in board.fixtures.items()
            },
        }
    )


def falls(old: Scoreboard, new: Scoreboard) -> list[str]:
    """Everything that got worse: absent fixtures, fewer exact figures, more that are not exact."""
    out = [f"{n}: the fixture is absent" for n in old.fixtures if n not in new.fixtures]
    for name, before in old.fixtures.items():
        now = new.fixtures.get(name)
        if now is None:
            continue
        for what in ("figures", "statements"):
            was, has = getattr(before, what), getattr(now, what)
            if has.exact < was.exact or has.total - has.exact > was.total - was.exact:
                out.append(f"{name}: exact {what} fall from {was} to {has}")
    for form, by in old.groups.items():
        for kind, score in by.items():
            group = new.groups.get(form, {}).get(kind, Score(0, 0))
            if group.exact < score.exact:
                out.append(f"{form} as {kind}: {score} falls to {group}")
    return out


def changes(old: Scoreboard, new: Scoreboard) -> list[str]:
    """What differs without being worse: risen scores, new fixtures, altered files."""
    out = [f"{n}: new, {x.figures}" for n, x in new.fixtures.items() if n not in old.fixtures]
    for name, now in new.fixtures.items():
        before = old.fixtures.get(name)
        if before is None:
            continue
        for what in ("figures", "statements"):
            was, has = getattr(before, what), getattr(now, what)
            if has.exact > was.exact:
                out.append(f"{name}: exact {what} rise from {was} to {has}")
        if now.digest != before.digest:
            out.append(f"{name}: its source or expectation is another one")
    return out


def accept(root: Path, new: Scoreboard, allow_drop: str | None = None) -> list[str]:
    """Write the board. Returns what fell.

    Raises ``UsageError`` when something fell and ``allow_drop`` gives no reason, and when a
    reason is given but nothing fell.
    """
    path = root / SCOREBOARD
    old = read_board(root) if path.exists() or path.is_symlink() else None
    fallen = falls(old, new) if old else []
    if fallen and not (allow_drop or "").strip():
        raise UsageError(
            "the score falls: " + "; ".join(fallen),
            hint="mend the parser; if the fall is right: --accept --allow-drop REASON",
        )
    if allow_drop and not fallen:
        raise UsageError("nothing falls, so there is no drop to allow", hint="leave it out")
    drops = list(old.drops) if old else []
    if fallen:
        drops.append({"reason": allow_drop, "falls": fallen})
    board = Scoreboard(new.fixtures, new.groups, new.corpus, drops)
    with writing(path):
        path.write_bytes(board_text(board).encode())
    return fallen

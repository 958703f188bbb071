"""The statistics forms of older reports: the table of 2014, and labels of a regional relative.

Only ``ogi_stats_2014`` is a form with figures (``statistics/<row>/value``). The regional form
serves as a source of labels for generic indicator rows. Labels of the table of 2014 are known
with medium-low confidence (domain guide 1c), so rows are told by their words, never by number.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from itertools import groupby
from typing import Any, Literal

from govreport_parse.formbook.spec import (
    STATISTICS,
    Block,
    Column,
    Form,
    Identity,
    Layout,
    Row,
    Table,
)

STATISTICS_2014 = "ogi_stats_2014"
STATISTICS_REGIONAL = "ogi_stats_regional_shanghai"
VALUE = "value"
"""The one column of the table of 2014."""
_MONEY = frozenset({"元", "万元", "亿元"})


@dataclass(frozen=True, slots=True)
class Indicator:
    """One row of a statistics form, with every wording that names it."""

    form: str
    key: str
    label: str
    unit: str | None
    parent: str | None
    is_data: bool
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SoftRule:
    """A relation that reports mostly keep. ``equal``: left is the sum of right; or ``at_most``."""

    id: str
    kind: Literal["equal", "at_most"]
    left: str
    right: tuple[str, ...]


@lru_cache(maxsize=2)
def _data(form_id: str) -> Mapping[str, Any]:
    text = (resources.files(__package__) / "data" / f"{form_id}.toml").read_text("utf-8")
    return tomllib.loads(text)


@lru_cache(maxsize=1)
def statistics_form() -> Form:
    """The table of 2014: one table, 58 figures, 7 sums."""
    data = _data(STATISTICS_2014)
    rows = tuple(
        Row(
            r["key"],
            r["label"],
            r["label_en"],
            r.get("short", r["key"]),
            r.get("numeral", ""),
            r.get("parent"),
            r.get("data", True),
            tuple(r.get("aliases", ())),
            r.get("unit"),
        )
        for r in data["rows"]
    )
    table = Table(
        STATISTICS,
        data["label"],
        data["label_en"],
        STATISTICS_2014,
        _blocks(rows, data["label"], data["column"]),
        tuple(
            Identity(
                s["id"],
                s["target"],
                "sum",
                tuple(path(t) for t in s["terms"]),
                (path(s["target"]),),
                "by the meaning of the labels; no sentence in the form states it",
            )
            for s in data["sums"]
        ),
        (data["indicator"], data["unit"], data["column"]["label"]),
    )
    return Form(
        id=STATISTICS_2014,
        name_zh=data["name_zh"],
        name_en=data["name_en"],
        basis=data["basis"],
        first_year=data["first_year"],
        confidence=data["confidence"],
        sections=(),
        layout=Layout((table,), (STATISTICS_2014,) * 3),
        figure_count=data["figure_count"],
        table_keys=(STATISTICS,),
    )


def path(row: str) -> str:
    """The figure path of a row of the table of 2014."""
    return f"{STATISTICS}/{row}/{VALUE}"


def _blocks(rows: tuple[Row, ...], label: str, column: Mapping[str, Any]) -> tuple[Block, ...]:
    """Neighbouring rows of one kind of number: counts and amounts differ in the column's type."""
    out: list[Block] = []
    for is_money, group in groupby(rows, lambda r: r.unit in _MONEY):
        members = tuple(group)
        kind: Literal["integer", "decimal"] = "decimal" if is_money else "integer"
        # An empty short name: st_<row> says it all.
        value = Column(column["key"], column["label"], column["label_en"], "", None, kind)
        out.append(Block(members[0].key, label, STATISTICS_2014, members, (value,)))
    return tuple(out)


@lru_cache(maxsize=1)
def soft_rules() -> tuple[SoftRule, ...]:
    """Relations of the table of 2014 that are observations only."""
    return tuple(
        SoftRule(s["id"], s["kind"], s["left"], tuple(s["right"]))
        for s in _data(STATISTICS_2014)["soft"]
    )


@lru_cache(maxsize=2)
def indicators(form_id: str) -> tuple[Indicator, ...]:
    """All rows of a statistics form in printed order. ``KeyError`` for any other form."""
    if form_id not in (STATISTICS_2014, STATISTICS_REGIONAL):
        raise KeyError(form_id)
    return tuple(
        Indicator(
            form_id,
            r["key"],
            r["label"],
            r.get("unit"),
            r.get("parent"),
            r.get("data", True),
            tuple(r.get("aliases", ())),
        )
        for r in _data(form_id)["rows"]
    )

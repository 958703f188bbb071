"""Reads the TOML files of ``formbook/data`` into ``spec`` objects, once, on first use."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib import resources
from typing import Any

from govreport_parse.formbook.spec import (
    PROACTIVE,
    REQUESTS,
    REVIEW,
    Block,
    Column,
    Form,
    Identity,
    Layout,
    Row,
    Section,
    Table,
)
from govreport_parse.formbook.statistics import STATISTICS_2014, statistics_form

ANNUAL_FORMS = ("ogi_annual_2021", "ogi_annual_2019")
BALANCE_BASIS = "printed in the form: 第一项加第二项之和，等于第三项加第四项之和"


@cache
def _data(name: str) -> Mapping[str, Any]:
    text = (resources.files(__package__) / "data" / f"{name}.toml").read_text("utf-8")
    return tomllib.loads(text)


@cache
def form(form_id: str) -> Form:
    """One form by id. ``KeyError`` for an unknown id."""
    if form_id == STATISTICS_2014:
        return statistics_form()
    if form_id not in ANNUAL_FORMS:
        raise KeyError(form_id)
    own = _data(form_id)
    common = _data("common")
    tables = (
        _proactive(form_id, own, common),
        _requests(form_id, own, common),
        _review(form_id, common),
    )
    return Form(
        id=form_id,
        name_zh=own["name_zh"],
        name_en=own["name_en"],
        basis=own["basis"],
        first_year=own["first_year"],
        confidence=own["confidence"],
        sections=sections(),
        layout=Layout(tables, (form_id, form_id, form_id)),
        figure_count=own["figure_count"],
        table_keys=tuple(t.key for t in tables),
    )


def forms() -> tuple[Form, ...]:
    """The annual forms, newest first."""
    return tuple(form(i) for i in ANNUAL_FORMS)


def all_forms() -> tuple[Form, ...]:
    """The annual forms, newest first, then the statistics table of 2014."""
    return (*forms(), statistics_form())


@cache
def sections() -> tuple[Section, ...]:
    """The six sections, the same in both forms."""
    return tuple(
        Section(
            key,
            s["numeral"],
            s["label"],
            s["label_en"],
            tuple(s.get("subheads", ())),
            tuple(s.get("aliases", ())),
        )
        for key, s in _data("common")["sections"].items()
    )


@lru_cache(maxsize=64)
def layout(art20_blocks: tuple[tuple[str, str], ...] | str, requests: str, review: str) -> Layout:
    """The layout of a hybrid: form ids per table, or (block key, form id) pairs for table 2."""
    if art20_blocks == requests == review:
        return form(requests).layout
    if isinstance(art20_blocks, str):
        proactive = form(art20_blocks).table(PROACTIVE)
    else:
        blocks = tuple(
            next(b for b in form(f).table(PROACTIVE).blocks if b.key == key)
            for key, f in art20_blocks
        )
        first = form(ANNUAL_FORMS[0]).table(PROACTIVE)
        proactive = Table(PROACTIVE, first.label, first.label_en, "mixed", blocks)
    return Layout(
        (proactive, form(requests).table(REQUESTS), form(review).table(REVIEW)),
        (art20_blocks, requests, review),
    )


def _column(key: str, *sources: Mapping[str, Any]) -> Column:
    c: dict[str, Any] = {}
    for s in sources:
        c.update(s)
    return Column(
        key,
        c["label"],
        c["label_en"],
        c.get("short", key),
        c.get("unit"),
        c.get("type", "integer"),
        c.get("core", ""),
        tuple(c.get("aliases", ())),
    )


def _row(key: str, parent: str | None, is_data: bool, *sources: Mapping[str, Any]) -> Row:
    r: dict[str, Any] = {}
    for s in sources:
        r.update(s)
    return Row(
        key,
        r["label"],
        r["label_en"],
        r.get("short", key),
        r.get("numeral", ""),
        parent,
        is_data,
        tuple(r.get("aliases", ())),
    )


def _proactive(form_id: str, own: Mapping[str, Any], common: Mapping[str, Any]) -> Table:
    table = common[PROACTIVE]
    mine = own[PROACTIVE]
    blocks = tuple(
        Block(
            b["key"],
            b["label"],
            form_id,
            tuple(
                _row(k, b["key"], True, table["rows"][k], mine.get("rows", {}).get(k, {}))
                for k in b["rows"]
            ),
            tuple(
                _column(k, table["columns"].get(k, {}), mine.get("columns", {}).get(k, {}))
                for k in b["columns"]
            ),
        )
        for b in mine["blocks"]
    )
    words = (table["row_header"], *(b.label for b in blocks))
    return Table(PROACTIVE, table["label"], table["label_en"], form_id, blocks, (), words)


def _requests(form_id: str, own: Mapping[str, Any], common: Mapping[str, Any]) -> Table:
    table = common[REQUESTS]
    columns = tuple(_column(c["key"], c) for c in table["columns"])
    groups = set(own[REQUESTS]["groups"])
    rows: list[Row] = []
    top: str | None = None
    group: str | None = None
    for key in own[REQUESTS]["rows"]:
        r = table["rows"][key]
        numeral = r["numeral"]
        is_data = r.get("data", True) and key not in groups
        if numeral.endswith("、"):
            parent, top, group = None, key, None
        elif numeral.startswith("（"):
            parent, group = top, (None if is_data else key)
        else:
            parent = group
        rows.append(_row(key, parent, is_data, r))
    block = Block(REQUESTS, table["label"], form_id, tuple(rows), columns)
    return Table(
        REQUESTS,
        table["label"],
        table["label_en"],
        form_id,
        (block,),
        _request_identities(block),
        (table["corner"], table["header_top"], table["header_group"]),
    )


def _request_identities(block: Block) -> tuple[Identity, ...]:
    data = [r.key for r in block.data_rows]
    ends = {"requests_received", "requests_carried_in", "outcomes_total", "carried_forward"}
    leaves = [k for k in data if k not in ends]
    *parts, total = [c.key for c in block.columns]

    def at(row: str, column: str) -> str:
        return f"{REQUESTS}/{row}/{column}"

    balances = (
        Identity(
            "t3_balance",
            c,
            "balance",
            (at("requests_received", c), at("requests_carried_in", c)),
            (at("outcomes_total", c), at("carried_forward", c)),
            BALANCE_BASIS,
        )
        for c in (*parts, total)
    )
    outcomes = (
        Identity(
            "t3_outcomes",
            c,
            "sum",
            tuple(at(r, c) for r in leaves),
            (at("outcomes_total", c),),
            "row （七）总计 over （一）..（六）",
        )
        for c in (*parts, total)
    )
    rows = (
        Identity(
            "t3_row_total",
            r,
            "row_sum",
            tuple(at(r, c) for c in parts),
            (at(r, total),),
            "column 总计",
        )
        for r in data
    )
    return (*balances, *outcomes, *rows)


def _review(form_id: str, common: Mapping[str, Any]) -> Table:
    table = common[REVIEW]
    columns = tuple(_column(c["key"], c) for c in table["columns"])
    rows = tuple(_row(b["key"], b.get("parent"), True, b) for b in table["blocks"])
    *parts, total = [c.key for c in columns]
    identities = tuple(
        Identity(
            f"t4_{r.key}_total",
            r.key,
            "sum",
            tuple(f"{REVIEW}/{r.key}/{c}" for c in parts),
            (f"{REVIEW}/{r.key}/{total}",),
            "column 总计; no sentence in the form states it",
        )
        for r in rows
    )
    block = Block(REVIEW, table["label"], form_id, rows, columns)
    return Table(REVIEW, table["label"], table["label_en"], form_id, (block,), identities)

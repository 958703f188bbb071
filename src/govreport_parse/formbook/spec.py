"""The official forms as frozen objects. Nothing here knows a label: they come from the TOML files.

A table is a list of blocks; a block has rows and columns; every data row crosses every column of
its block in one figure ``table/row/column``. In ``review_and_litigation`` the rows are the three
case kinds (review, litigation_direct, litigation_after_review), printed side by side.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

ColumnType = Literal["integer", "signed", "decimal"]
PROACTIVE = "proactive_disclosure"
REQUESTS = "requests"
REVIEW = "review_and_litigation"
STATISTICS = "statistics"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a block."""

    key: str
    label: str
    label_en: str
    short: str
    unit: str | None
    type: ColumnType = "integer"
    core: str = ""
    """The part of the label that survives rewording (制发, 废止); empty: the whole label."""
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One printed row. ``is_data`` is false for group names without figures."""

    key: str
    label: str
    label_en: str
    short: str
    numeral: str = ""
    parent: str | None = None
    is_data: bool = True
    aliases: tuple[str, ...] = ()
    unit: str | None = None

    @property
    def printed(self) -> str:
        """Numeral and label as the form prints them."""
        return self.numeral + self.label


@dataclass(frozen=True, slots=True)
class Block:
    """Rows and columns that belong together, and the form they come from."""

    key: str
    label: str
    form: str
    rows: tuple[Row, ...]
    columns: tuple[Column, ...]
    """Figures of a row stand in this order."""

    @property
    def data_rows(self) -> tuple[Row, ...]:
        """Rows that hold figures."""
        return tuple(r for r in self.rows if r.is_data)


@dataclass(frozen=True, slots=True)
class Identity:
    """One identity with its scope resolved.

    ``expected`` are the paths that must add up to the sum of the paths in ``found``. For a sum
    ``found`` is the printed total; for the balance it is outcomes plus carried forward.
    """

    id: str
    scope: str
    kind: Literal["sum", "row_sum", "balance"]
    expected: tuple[str, ...]
    found: tuple[str, ...]
    basis: str


@dataclass(frozen=True, slots=True)
class FigureSpec:
    """What the form says of one figure."""

    path: str
    table: str
    block: str
    row: Row
    column: Column
    short: str
    form: str

    @property
    def label(self) -> str:
        """Row and column label in Chinese, ``予以公开 / 自然人``."""
        return f"{self.row.printed} / {self.column.label}"

    @property
    def label_en(self) -> str:
        """Row and column label in English."""
        return f"{self.row.label_en} / {self.column.label_en}"

    @property
    def unit(self) -> str | None:
        """Unit that the form prints (件, 项, 万元)."""
        return self.row.unit or self.column.unit


@dataclass(frozen=True)
class Table:
    """One table of a form."""

    key: str
    label: str
    label_en: str
    form: str
    blocks: tuple[Block, ...]
    identities: tuple[Identity, ...] = ()
    words: tuple[str, ...] = ()
    """Other printed words of the table: corner text, header groups, row header."""

    @cached_property
    def figures(self) -> tuple[FigureSpec, ...]:
        """All figures in form order (row by row)."""
        prefix = _PREFIX[self.key]
        return tuple(
            FigureSpec(
                f"{self.key}/{row.key}/{column.key}",
                self.key,
                block.key,
                row,
                column,
                "_".join(p for p in (prefix, row.short, column.short) if p),
                block.form,
            )
            for block in self.blocks
            for row in block.data_rows
            for column in block.columns
        )

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """All printed rows, group names included, in form order."""
        return tuple(row for block in self.blocks for row in block.rows)

    @cached_property
    def row_block(self) -> Mapping[str, Block]:
        """Row key to its block."""
        return {row.key: block for block in self.blocks for row in block.rows}


_PREFIX = {PROACTIVE: "pd", REQUESTS: "rq", REVIEW: "rl", STATISTICS: "st"}


@dataclass(frozen=True, slots=True)
class Section:
    """One section of the form."""

    key: str
    numeral: str
    label: str
    label_en: str
    subheads: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()

    @property
    def printed(self) -> str:
        """Numeral and label as the form prints them, ``一、总体情况``."""
        return f"{self.numeral}、{self.label}"


@dataclass(frozen=True)
class Layout:
    """The tables that one report really has; hybrids mix tables and blocks of two forms."""

    tables: tuple[Table, ...]
    key: tuple[Any, ...] = ()
    """What ``forms.layout`` made it from; a pickled layout is only this key."""

    def __reduce__(self) -> Any:
        if not self.key:
            return Layout, (self.tables,)
        from govreport_parse.formbook.loader import layout

        return layout, self.key

    @cached_property
    def figures(self) -> tuple[FigureSpec, ...]:
        """All figures, table by table, in form order."""
        return tuple(f for t in self.tables for f in t.figures)

    @cached_property
    def paths(self) -> tuple[str, ...]:
        """All figure paths in form order."""
        return tuple(f.path for f in self.figures)

    @cached_property
    def index(self) -> Mapping[str, int]:
        """Path to position in ``figures``."""
        return {f.path: i for i, f in enumerate(self.figures)}

    @cached_property
    def short_index(self) -> Mapping[str, int]:
        """Short name to position in ``figures``."""
        return {f.short: i for i, f in enumerate(self.figures)}

    @cached_property
    def offsets(self) -> Mapping[str, int]:
        """Table key to the position of its first figure."""
        out: dict[str, int] = {}
        n = 0
        for t in self.tables:
            out[t.key] = n
            n += len(t.figures)
        return out

    @cached_property
    def identities(self) -> tuple[Identity, ...]:
        """All hard identities of the tables."""
        return tuple(i for t in self.tables for i in t.identities)

    @cached_property
    def compiled(self) -> tuple[tuple[tuple[int, ...], tuple[int, ...]], ...]:
        """The identities as positions in ``figures``: (expected, found) each."""
        index = self.index
        return tuple(
            (tuple(index[p] for p in i.expected), tuple(index[p] for p in i.found))
            for i in self.identities
        )

    def table(self, key: str) -> Table:
        """The table of that key; ``KeyError`` if the layout has none."""
        for t in self.tables:
            if t.key == key:
                return t
        raise KeyError(key)

    @cached_property
    def form(self) -> str:
        """The form's id, or ``mixed``."""
        ids = {b.form for t in self.tables for b in t.blocks}
        ids -= {"any"}
        return ids.pop() if len(ids) == 1 else "mixed"

    @cached_property
    def forms(self) -> Mapping[str, str]:
        """Table key to form id (``mixed`` where blocks differ)."""
        out: dict[str, str] = {}
        for t in self.tables:
            ids = {b.form for b in t.blocks}
            out[t.key] = ids.pop() if len(ids) == 1 else "mixed"
        return out


@dataclass(frozen=True)
class Form:
    """One official form."""

    id: str
    name_zh: str
    name_en: str
    basis: str
    first_year: int
    confidence: str
    sections: tuple[Section, ...]
    layout: Layout
    figure_count: int
    table_keys: tuple[str, ...] = field(default=())

    @property
    def tables(self) -> tuple[Table, ...]:
        """The form's tables in order."""
        return self.layout.tables

    @property
    def figures(self) -> tuple[FigureSpec, ...]:
        """The form's figures in order."""
        return self.layout.figures

    @property
    def identities(self) -> tuple[Identity, ...]:
        """The form's hard identities."""
        return self.layout.identities

    def table(self, key: str) -> Table:
        """The table of that key."""
        return self.layout.table(key)

    def __repr__(self) -> str:
        return (
            f"<Form {self.id}: {len(self.tables)} tables, {len(self.figures)} figures, "
            f"{len(self.identities)} identities>"
        )

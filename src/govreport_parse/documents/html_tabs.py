"""Tables in parts of a page that are hidden at first: tabs, and what editors left behind.

The hidden boxes come in, out come the tables in them of which the page shows another with the same
first labels, and the number of the others that hold figures. Nothing is changed here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from govreport_parse.documents.html_doubts import MAX_UP

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

_FIRST_LABELS = 6
_LEAST_LABELS = 3
_LEAST_FIGURES = 3
_LOOKED_AT = 200
"""Cells of a hidden table in which figures are looked for."""


def hidden_tables(
    tree: LexborHTMLParser, hidden_boxes: Sequence[LexborNode]
) -> tuple[list[LexborNode], int]:
    """The tables in hidden boxes of which the page shows another with the same first labels.

    And the number of the others that hold figures.
    """
    boxes = {box.mem_id for box in hidden_boxes}
    inside: set[int] = set()
    hidden: list[LexborNode] = []
    shown: set[tuple[str, ...]] = set()
    tables = tree.css("table")
    around: set[int] = set()
    for table in tables:
        mark_up(table, around)
    for table in tables:
        # In document order: what stands around a table has been looked at before.
        if table.mem_id in boxes or _below(table, boxes, inside):
            hidden.append(table)
        elif table.mem_id not in around:
            shown.add(_first_labels(table))
    doubles: list[LexborNode] = []
    others = 0
    for table in hidden:
        if table.mem_id in around:
            continue
        labels = _first_labels(table)
        if len(labels) >= _LEAST_LABELS and labels in shown:
            doubles.append(table)
        elif labels:
            others += _holds_figures(table)
    return doubles, others


def _holds_figures(table: LexborNode) -> bool:
    cells = table.css("td")[:_LOOKED_AT]
    return sum(cell.text().strip().isdigit() for cell in cells) >= _LEAST_FIGURES


def _below(node: LexborNode, boxes: set[int], inside: set[int]) -> bool:
    path: list[int] = []
    parent = node.parent
    found = False
    while parent is not None and len(path) < 8 * MAX_UP:
        identity = parent.mem_id
        if identity in boxes or identity in inside:
            found = True
            break
        path.append(identity)
        parent = parent.parent
    if found:
        inside.update(path)
    return found


def _first_labels(table: LexborNode) -> tuple[str, ...]:
    """The first cells with words: 本年制发件数 and the like, never figures."""
    labels: list[str] = []
    for row in table.css("tr")[: 2 * _FIRST_LABELS]:
        for cell in row.iter():
            text = "".join(cell.text().split())
            if any("\u3400" <= c <= "\u9fff" for c in text):
                labels.append(text)
                if len(labels) == _FIRST_LABELS:
                    return tuple(labels)
    return tuple(labels)


def stands_in(node: LexborNode, boxes: set[int]) -> bool:
    """Whether ``node`` stands in one of ``boxes``."""
    parent = node.parent
    for _ in range(2 * MAX_UP):
        if parent is None:
            return False
        if parent.mem_id in boxes:
            return True
        parent = parent.parent
    # Too deep to tell: left alone.
    return True


def mark_up(node: LexborNode, marks: set[int]) -> None:
    """Adds what stands around ``node`` to ``marks``."""
    parent = node.parent
    while parent is not None and parent.mem_id not in marks:
        marks.add(parent.mem_id)
        parent = parent.parent

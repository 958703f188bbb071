"""A page that ends inside a table cell: a download that broke off may have cut a number in two.

``…<td>64`` may have been ``642``, so the cell becomes ``64⟦截断⟧``, which is no number, and the
page gets a finding. Told from the last bytes: a page that ends as pages do costs one comparison.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from govreport_parse.documents.html_doubts import LONG_CELL
from govreport_parse.documents.unseen import set_apart
from govreport_parse.values import Finding

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

_LOOKED_AT = 1 << 16
_ENDS = (b"</html>", b"</body>", b"</table>", b"</div>")
_OPENING = (b"<td", b"<th")
_CLOSING = (b"</td", b"</th", b"</tr", b"</tbody", b"</thead", b"</table", b"<tr", b"<table")
_MAX_UP = 256
_MARK = set_apart("截断")


def mark_cut_cell(tree: LexborHTMLParser, data: bytes) -> Finding | None:
    """Marks the cell of ``tree`` (parsed from ``data``) inside which the bytes end."""
    end = data[-_LOOKED_AT:].rstrip().lower()
    if end.endswith(_ENDS) or not _is_open(end):
        return None
    cell = _last_cell(tree)
    if cell is None:
        return None
    text = "".join(cell.text().split())
    if len(text) > LONG_CELL or cell.css_first("table") is not None:
        return None
    cell.insert_child(_MARK)
    return Finding(
        "cell_cut",
        "error",
        f"the page ends inside a table cell: more may have followed on {text[-20:]!r}, so the cell"
        " was not read",
        f"网页在表格单元格“{text[-20:]}”处中断，该单元格未读取",
        detail=(("cell", text[-40:]),),
    )


def _is_open(end: bytes) -> bool:
    """Whether the last cell that was opened in these bytes was not closed again."""
    opened = max(map(end.rfind, _OPENING))
    if opened < 0 or opened < max(map(end.rfind, _CLOSING)):
        return False
    # A begin or end tag of a cell, cut itself, still ends the cell before it.
    return end.find(b">", opened) >= 0 and not end.endswith((b"</t", b"<t"))


def _last_cell(tree: LexborHTMLParser) -> LexborNode | None:
    """The last cell, if nothing follows it in the page."""
    cells = tree.css("td, th")
    here: LexborNode | None = cells[-1] if cells else None
    for _ in range(_MAX_UP):
        if here is None or here.tag == "body":
            return cells[-1] if cells else None
        follower = here.next
        while follower is not None:
            if follower.tag != "-text" or follower.text().strip():
                return None
            follower = follower.next
        here = here.parent
    return None

"""A table whose caption names another period than the report's year.

Some pages print last year's table beside this year's, or that one alone by mistake; others that of
half a year. The numbers are read as they stand; that the caption contradicts the report is said.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from govreport_parse.documents.model import Block, Heading, Paragraph, Table
from govreport_parse.matching.result import Match, TableMatch
from govreport_parse.matching.rivals import table_label
from govreport_parse.matching.row_marks import locate
from govreport_parse.values import Finding

_YEAR = re.compile("(?<![0-9])(20[0-9]{2})(?:年|年度)")
_PART = re.compile(
    r"(?P<half>[上下])半年|第?[一二三四1-4]季度"
    r"|(?<![0-9])(?P<first>[0-9]{1,2})月?[-—–~～至到](?P<last>[0-9]{1,2})月(?![0-9]{1,2}日)"
)
_CAPTION = re.compile("表|情况|统计|收到|处理")
_LONGEST = 60
_LINES = 2


def captions_of_other_years(match: Match, year: int | None) -> list[Finding]:
    """One finding ``table_of_other_year`` per table whose caption names only earlier years.

    Or half a year, a quarter or months that are not twelve.

    A caption is a short line right before the table, or its first row when that is one cell.
    """
    out: list[Finding] = []
    for table in match.tables.values():
        places = [b for b in sorted(table.blocks) if b < len(match.blocks)]
        if not table.rows or not places or not isinstance(match.blocks[places[0]], Table):
            continue
        for line in _captions(match.blocks, places[0]):
            years = {int(y) for y in _YEAR.findall(line)}
            part = _part_of_year(line)
            if part is not None:
                out.append(_of_a_part(table, line, part))
                break
            if years and year is not None and max(years) < year:
                first = next(iter(table.rows.values()))
                label = table_label(table.key)
                out.append(
                    Finding(
                        "table_of_other_year",
                        "warning",
                        f"the caption of {label} names {max(years)}, the report is on {year}: "
                        f"{line!r}",
                        f"{label}的标题为{max(years)}年，报告年度为{year}年",
                        locator=locate(first.where),
                        detail=(("caption", line), ("years", sorted(years))),
                    )
                )
            if years:
                break
    return out


def _part_of_year(line: str) -> str | None:
    """The words for half a year, a quarter or some months, if they are all that is named."""
    found = list(_PART.finditer(line))
    if len(found) != 1 or "年度报告" in line:
        return None
    (part,) = found
    if part["first"] and (int(part["first"]), int(part["last"])) == (1, 12):
        return None
    return part[0]


def _of_a_part(table: TableMatch, line: str, part: str) -> Finding:
    first = next(iter(table.rows.values()))
    label = table_label(table.key)
    return Finding(
        "table_of_other_year",
        "error",
        f"the caption of {label} names {part}, not a whole year: {line!r}",
        f"{label}的标题为{part}，并非全年",
        locator=locate(first.where),
        detail=(("caption", line), ("part", part)),
    )


def _captions(blocks: Sequence[Block], place: int) -> list[str]:
    """The lines that may be a caption, the nearest first."""
    lines: list[str] = []
    block = blocks[place]
    if isinstance(block, Table) and block.texts and block.colspans[0] > 2:  # noqa: SIM102
        if block.colspans[0] >= block.n_columns:
            lines.append(block.texts[0])
    for before in reversed(blocks[max(0, place - _LINES) : place]):
        if not isinstance(before, (Paragraph, Heading)):
            break
        lines.append(before.text)
    return [t.strip() for t in lines if _is_caption(t.strip())]


def _is_caption(line: str) -> bool:
    return len(line) <= _LONGEST and "。" not in line and _CAPTION.search(line) is not None

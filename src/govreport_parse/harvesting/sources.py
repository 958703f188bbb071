"""What is to be harvested: rows of ``url`` with optional organ, division code, year and kind.

In come a CSV or Parquet file, a data frame, or plain rows; out come checked ``SourceRow`` values in
their order. A row that can't be used is told with its line, column, value and reason, before the
first request goes out.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast, get_args

from govreport_parse.errors import UsageError
from govreport_parse.fetch.urls import canonical
from govreport_parse.harvesting.source_tables import rows_of

Kind = Literal["report", "list", "site"]
KINDS: tuple[str, ...] = get_args(Kind)
_KINDS_IN_CHINESE = {
    **dict.fromkeys(("报告", "年报", "报告页"), "report"),
    **dict.fromkeys(("列表", "列表页", "栏目", "目录"), "list"),
    **dict.fromkeys(("网站", "站点", "首页", "门户"), "site"),
}
_SIX_DIGITS = re.compile("[0-9]{6}")
_YEARS = {str(year): year for year in range(2000, 2101)}
_DIGITS = str.maketrans("〇零一二三四五六七八九○", "001234567890")
LISTED = 20
"""Bad rows that a message names; the rest are counted."""


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One row. ``row`` counts from 1 without the header; ``url`` is canonical, ``given`` as it was.

    ``duplicate_of`` is the row that has the same address and kind already.
    """

    row: int
    url: str
    given: str
    kind: Kind = "report"
    organ: str | None = None
    division_code: str | None = None
    year: int | None = None
    duplicate_of: int | None = None


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that can't be harvested, and why; with what else it says, as it was written."""

    row: int
    column: str
    value: str
    reason: str
    given: str = ""
    organ: str | None = None
    division_code: str | None = None
    year: int | None = None

    def __str__(self) -> str:
        return f"row {self.row}: {self.column} {self.value!r} {self.reason}"


def read_sources(
    sources: Any, notes: list[str] | None = None
) -> tuple[list[SourceRow], list[BadRow]]:
    """All rows of a sources file, frame or iterable, good and bad.

    ``sources``: the path of a ``.csv`` or ``.parquet`` file; a pandas frame or anything with
    ``__arrow_c_stream__``; one address; or an iterable of addresses, mappings or ``SourceRow``.
    ``notes`` gets what was understood without being written so (columns, encoding). Raises
    ``UsageError`` when the columns are wrong or there is no row.
    """
    good: list[SourceRow] = []
    bad: list[BadRow] = []
    seen: dict[tuple[str, str], int] = {}
    number = 0
    for number, fields in enumerate(rows_of(sources, [] if notes is None else notes), 1):
        made = _checked(number, fields)
        if isinstance(made, BadRow):
            bad.append(made)
            continue
        first = seen.setdefault((made.url, made.kind), number)
        if first != number:
            made = SourceRow(
                number, made.url, made.given, made.kind, made.organ, made.division_code,
                made.year, first,
            )  # fmt: skip
        good.append(made)
    if number == 0:
        raise UsageError("the sources hold no row", hint="give at least one address")
    return good, bad


def checked_sources(
    sources: Any, *, skip_bad: bool = False, notes: list[str] | None = None
) -> tuple[list[SourceRow], list[BadRow]]:
    """As ``read_sources``, but bad rows are an error unless ``skip_bad``."""
    good, bad = read_sources(sources, notes)
    if bad and not skip_bad:
        named = "\n  ".join(map(str, bad[:LISTED]))
        more = f"\n  and {len(bad) - LISTED:,} more" if len(bad) > LISTED else ""
        raise UsageError(
            f"{len(bad):,} of {len(good) + len(bad):,} rows can't be harvested:\n  {named}{more}",
            hint="mend these rows, or let them be recorded as refused (--skip-bad-rows)",
            context={"rows": [b.row for b in bad[:LISTED]]},
        )
    return good, bad


def _checked(number: int, fields: Mapping[str, Any]) -> SourceRow | BadRow:
    given = _text(fields.get("url"))
    organ = _text(fields.get("organ")) or None
    code = _code(fields.get("division_code"))
    year = _year(fields.get("year"))
    kind = _text(fields.get("kind")) or "report"
    kind = _KINDS_IN_CHINESE.get(kind, kind.lower())
    column, value, reason = "", "", ""
    url = ""
    if not given:
        column, reason = "url", "is missing"
    else:
        try:
            url = canonical(given)
        except UsageError as error:
            column, value, reason = "url", given[:200], f"is no address: {error.message}"
    is_code = not code or _SIX_DIGITS.fullmatch(code) is not None
    if column:
        pass
    elif kind not in KINDS:
        column, value, reason = "kind", kind[:80], f"is none of {', '.join(KINDS)}"
    elif not is_code:
        column, value, reason = "division_code", code[:80], "is not six digits (GB/T 2260)"
    elif isinstance(year, str):
        column, value, reason = "year", year[:80], "is no year from 2000 to 2100"
    whole_year = None if isinstance(year, str) else year
    whole_code = code if code and is_code else None
    if column:
        return BadRow(number, column, value, reason, given[:200], organ, whole_code, whole_year)
    return SourceRow(number, url, given, cast(Kind, kind), organ, whole_code, whole_year)


def _text(value: Any) -> str:
    if type(value) is str:
        return value.strip()
    if value is None or value != value:  # noqa: PLR0124  (NaN is a frame's missing text)
        return ""
    return str(value).strip()


def _code(value: Any) -> str:
    """A division code; a spreadsheet may have made a number of it."""
    return unicodedata.normalize("NFKC", _text(value)).removesuffix(".0")


def _year(value: Any) -> int | str | None:
    text = _text(value)
    if not text:
        return None
    year = _YEARS.get(text)
    if year is None:
        plain = unicodedata.normalize("NFKC", text).translate(_DIGITS)
        plain = plain.removesuffix(".0").removesuffix("度").removesuffix("年").rstrip()
        year = _YEARS.get(plain)
    return text if year is None else year

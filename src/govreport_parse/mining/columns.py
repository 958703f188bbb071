"""Which columns of a collection hold the text, the address and the time."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from govreport_parse.errors import UsageError

TEXT = (
    *("text", "content", "raw_content", "body", "html", "raw_text", "page_content", "document"),
    *("正文", "内容", "文本"),
)
URL = (
    *("url", "source_url", "link", "uri", "page_url", "warc_target_uri", "网址", "链接"),
    *("metadata.url", "meta.url", "metadata.source_url", "meta.source_url"),
)
DATE = (
    *("date_download", "warc_date", "timestamp", "crawl_date", "retrieved", "fetched", "captured"),
    *("metadata.timestamp", "metadata.date_download", "meta.timestamp"),
)
SHOWN = 20
"""Columns that a message names."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Dotted paths of the columns to use; address and time may be missing.

    ``others``: further columns that are called like texts. A row whose text is not where that of
    the others is may have it there; none where the caller names the column.
    """

    text: str
    url: str | None = None
    date: str | None = None
    others: tuple[str, ...] = ()


def choose(
    names: Iterable[str], texts: Iterable[str], column: str | None, url_column: str | None
) -> Columns:
    """The columns by what the caller says, else by their names (case and ``-`` do not matter).

    ``names``: all columns, ``texts``: those that hold text. ``UsageError`` says what is there.
    """
    there = {_plain(n): n for n in names}
    writable = {_plain(n): n for n in texts}
    text = _asked(column, writable, there) if column else _first(TEXT, writable)
    if text is None:
        raise UsageError(
            f"no text column among {_listed(there.values())}",
            hint=f"name it with --column (looked for {', '.join(TEXT[:4])} and others)",
        )
    url = _asked(url_column, there, there) if url_column else _first(URL, there)
    rest = () if column else tuple(writable[w] for w in TEXT if w in writable)
    return Columns(text, url, _first(DATE, there), tuple(c for c in rest if c != text))


def _plain(name: str) -> str:
    return name.strip().lower().replace("-", "_")


def _first(wanted: Iterable[str], there: Mapping[str, str]) -> str | None:
    return next((there[w] for w in wanted if w in there), None)


def _asked(name: str, usable: Mapping[str, str], there: Mapping[str, str]) -> str:
    found = usable.get(_plain(name))
    if found is not None:
        return found
    if _plain(name) in there:
        raise UsageError(f"column {name!r} does not hold text", hint="name another column")
    raise UsageError(
        f"no column {name!r} among {_listed(there.values())}", hint="names may be dotted: meta.url"
    )


def _listed(names: Iterable[str]) -> str:
    shown = sorted(names)
    more = f" and {len(shown) - SHOWN} more" if len(shown) > SHOWN else ""
    return (", ".join(repr(n[:60]) for n in shown[:SHOWN]) or "no columns") + more


def value_at(row: Any, path: str | None) -> Any:
    """The value of a dotted path in nested mappings; ``None`` where it is not there."""
    if path is None:
        return None
    if isinstance(row, dict) and path in row:
        return row[path]
    for key in path.split("."):
        if not isinstance(row, dict):
            return None
        row = row.get(key)
    return row


def moment(value: Any) -> str:
    """A time as ISO 8601; empty for what is none.

    Read are dates and times, ISO texts, 14 digits (the archives' time) and seconds or milliseconds
    since 1970.
    """
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    isoformat = getattr(value, "isoformat", None)
    if isoformat is not None:
        return str(isoformat())
    text = str(value).strip() if isinstance(value, (str, int, float)) else ""
    if _ISO.match(text):
        return text
    if _DIGITS.fullmatch(text):
        return f"{text[:4]}-{text[4:6]}-{text[6:8]}T{text[8:10]}:{text[10:12]}:{text[12:]}Z"
    if _EPOCH.fullmatch(text):
        seconds = float(text) / (1000 if len(text.partition(".")[0]) == 13 else 1)
        found = datetime.datetime.fromtimestamp(int(seconds), datetime.UTC)
        return found.strftime("%Y-%m-%dT%H:%M:%SZ")
    return ""


_ISO = re.compile(r"(?:19|20)\d\d-[01]\d-[0-3]\d(?:$|[T ])")
_DIGITS = re.compile(r"(?:19|20)\d{12}")
_EPOCH = re.compile(r"1\d{9}(?:\d{3})?(?:\.\d*)?")


def paths_of(row: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """All dotted paths of a row of JSON (two levels), and those that hold text."""
    names: list[str] = []
    texts: list[str] = []
    for key, value in row.items():
        inner = value.items() if isinstance(value, dict) else ()
        for path, item in ((key, value), *((f"{key}.{k}", v) for k, v in inner)):
            names.append(path)
            if isinstance(item, str):
                texts.append(path)
    return names, texts

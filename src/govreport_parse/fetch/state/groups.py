"""What belongs together in a harvest: a report's page and the files attached to it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from govreport_parse.fetch.state.rows import Capture
from govreport_parse.fetch.state.views import capture_of

GOOD = "('ok', 'not_modified')"


@dataclass(frozen=True, slots=True)
class Offer:
    """What the list that led to a report promised: its title, and organ and year read from it."""

    title: str
    organ: str | None
    year: int | None


@dataclass(frozen=True, slots=True)
class Group:
    """One address of a report with its attachments, each with its last good capture.

    ``number`` grows in the order in which addresses became known. ``organ``, ``division_code`` and
    ``year`` are those of the row of the sources that led here; ``from_list`` says that the row was
    a list or a site, whose organ need not be the report's. ``parent`` is the page that led here;
    ``offer`` what it said, where somebody has read it again.
    """

    number: int
    url: str
    page: Capture
    attachments: tuple[Capture, ...]
    organ: str | None
    division_code: str | None
    year: int | None
    from_list: bool
    parent: str = ""
    offer: Offer | None = None


@dataclass(frozen=True, slots=True)
class Missed:
    """An address that ended without a document."""

    number: int
    url: str
    kind: str
    parent: str
    code: str
    reason: str
    detail: str
    status: int
    organ: str | None
    division_code: str | None
    year: int | None


_GROUPS = f"""
SELECT f.id, f.url, f.capture, s.organ, s.division_code, s.year, s.kind, f.parent
FROM frontier f LEFT JOIN sources s ON s.id = f.source
WHERE f.id > ? AND f.kind = 'report' AND f.state = 'done' AND f.code IN {GOOD}
  AND (? OR f.parsed = '')
  AND NOT EXISTS (SELECT 1 FROM frontier c WHERE c.parent = f.url AND c.kind = 'attachment'
                  AND c.state = 'queued')
ORDER BY f.id LIMIT ?
"""
_CHILDREN = f"""
SELECT capture FROM frontier
WHERE parent = ? AND kind = 'attachment' AND state = 'done' AND code IN {GOOD} ORDER BY id
"""
_MISSED = f"""
SELECT f.id, f.url, f.kind, f.parent, f.code, f.reason, f.detail, coalesce(c.status, 0),
       CASE WHEN s.kind = 'report' THEN s.organ END, s.division_code, s.year
FROM frontier f LEFT JOIN sources s ON s.id = f.source LEFT JOIN captures c ON c.seq = f.capture
WHERE f.state = 'done' AND f.code NOT IN {GOOD} ORDER BY f.id
"""


def groups(
    connection: sqlite3.Connection, after: int, limit: int, *, everything: bool
) -> list[Group]:
    """Groups whose members are all fetched, behind ``after``; parsed ones with ``everything``."""
    out: list[Group] = []
    for number, url, seq, organ, division, year, kind, parent in connection.execute(
        _GROUPS, (after, everything, limit)
    ).fetchall():
        page = capture_of(connection, seq)
        if page is None:
            continue
        children = [capture_of(connection, s) for (s,) in connection.execute(_CHILDREN, (url,))]
        from_list = kind is not None and kind != "report"
        out.append(
            Group(
                number,
                url,
                page,
                tuple(c for c in children if c is not None),
                None if from_list else organ,
                division,
                year,
                from_list,
                parent,
            )
        )
    return out


def missed(connection: sqlite3.Connection) -> Iterator[Missed]:
    """Every address that ended without a document, in the order they became known."""
    for row in connection.execute(_MISSED):
        yield Missed(*row)

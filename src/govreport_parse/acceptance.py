"""Whether what was matched is a report, and of which form."""

from __future__ import annotations

from collections.abc import Sequence

from govreport_parse.documents.model import Block, Document, Paragraph
from govreport_parse.errors import NotAReportError
from govreport_parse.formbook import PROACTIVE, REQUESTS, REVIEW, STATISTICS_2014
from govreport_parse.matching.identify import Identification
from govreport_parse.matching.result import Match
from govreport_parse.matching.sections import SectionMatch
from govreport_parse.matching.statistics import StatisticsMatch
from govreport_parse.refusal_signs import signs
from govreport_parse.source import Source
from govreport_parse.text import label_key

NARRATIVE = "narrative"
OLDER = (NARRATIVE, STATISTICS_2014)
"""Forms of reports outside the annual forms."""


def accept(
    origin: Source,
    document: Document,
    match: Match,
    sections: SectionMatch,
    who: Identification,
    older: StatisticsMatch,
) -> str:
    """The form's name, or ``NotAReportError`` for a document that is none."""
    tables = match.tables
    known = sum(1 for s in sections.sections if s.key not in ("preamble",) and "extra" not in s.key)
    # 总体情况 and 存在的问题 head every kind of yearly report; these three are of ours only.
    own = any(sections.get(key) is not None for key in (PROACTIVE, REQUESTS, REVIEW))
    topical = who.topic or ((own or _is_on_topic(who, document)) and not who.other_topic)
    part_of_year = who.kind == "statistics" and not _may_hold_statistics(who)
    strong = len(tables[REQUESTS].rows) >= 5 or (
        topical and (bool(tables[REVIEW].rows) or len(tables[PROACTIVE].rows) >= 3)
    )
    is_form = who.kind == "notice" and not _shows_values(match)
    if strong and not part_of_year and not is_form:
        return match.layout.form
    if older.is_2014 and _may_hold_statistics(who):
        return STATISTICS_2014
    enough = known >= (2 if who.kind == "report" else 3)
    if enough and topical and who.kind in ("report", "unknown"):
        is_older = who.year < 2019 if who.year is not None else not _has_official_heading(sections)
        return NARRATIVE if is_older else match.layout.form
    if who.kind == "report" and topical and (_is_long(match.blocks) or older.rows):
        return NARRATIVE
    what = _PAGES.get(who.kind, "")
    added = hint = ""
    if not what:
        what = "no table and no section of a known form was found"
        added, hint = signs(origin, document)
    raise NotAReportError(
        f"{origin.name or 'the source'}: {what}{added}",
        hint=hint
        or "if this is a report, see what was read with: govreport show --stage blocks PATH",
        context={
            "kind": who.kind,
            "evidence": who.kind_evidence,
            "title": who.title,
            "sections": known,
            "blocks": len(document.blocks),
        },
    )


def _shows_values(match: Match) -> bool:
    """Whether any row shows something: a notice that sends out the form shows blanks only."""
    rows = (row for table in match.tables.values() for row in table.rows.values())
    return any(p is not None and p.raw.strip() for r in rows for p in (r.places or r.tokens))


_TOPIC = ("信息公开", "政务公开", "公开工作", "公开年报", "公开年度")


def _is_on_topic(who: Identification, document: Document) -> bool:
    """Whether a title of the document speaks of open government information."""
    titles = (who.title, document.meta.get("title"), document.meta.get("articletitle"))
    text = label_key("".join(t[:100] for t in titles if t))
    return any(word in text for word in _TOPIC)


def _may_hold_statistics(who: Identification) -> bool:
    """Not a notice that sends out the empty table, and not the table of a quarter."""
    if who.kind == "statistics":
        return "季度" not in who.kind_evidence and "半年" not in who.kind_evidence
    return who.kind in ("report", "unknown")


def _has_official_heading(sections: SectionMatch) -> bool:
    """Whether a section of a table is headed by the words of the annual forms."""
    found = (sections.get(key) for key in (PROACTIVE, REQUESTS, REVIEW))
    return any(s is not None and s.how == "label" for s in found)


_PAGES = {
    "interpretation": "this page explains a report (解读) and is none",
    "notice": "this is a notice about reports",
    "statistics": "this page gives statistics, not the report",
    "work_summary": "this is a work summary (工作总结)",
    "list_page": "this page lists reports",
    "error_page": "this is an error page",
}


def _is_long(blocks: Sequence[Block]) -> bool:
    return sum(len(b.text) for b in blocks if isinstance(b, Paragraph)) >= 400

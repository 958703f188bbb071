"""Whose report it is, of which year, when published, and whether it is a report at all.

In: a document, its sections, and what the caller knows. Out: ``Identification`` with the source
of each answer. Every answer may be ``None``: reports exist that name neither organ nor date.
Caller's values win, and a finding says where the document differs. The organ is never taken from
a word for oneself (我局), organ and year never from the State Council's notice that reports cite.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field

from govreport_parse.documents.model import Document
from govreport_parse.matching.copied_pages import page_findings
from govreport_parse.matching.organ import find_organs, organ_findings
from govreport_parse.matching.page_kind import page_kind
from govreport_parse.matching.page_parts import page_parts, topics
from govreport_parse.matching.publication import publication_date
from govreport_parse.matching.sections import SectionMatch
from govreport_parse.matching.titles import Kind
from govreport_parse.matching.year import year_findings, year_votes
from govreport_parse.values import Finding


@dataclass(frozen=True, slots=True)
class Identification:
    """Answers with their sources.

    ``organ_source``: caller, title, metadata, contentsource, source, breadcrumb, preamble,
    contact, signature, site. ``year_source``: caller, period, title, url, text, published.
    ``published_source``: metadata, pubdate, line, url, signature. ``title_source``: articletitle,
    ucaptitle, heading, paragraph, page. ``organ_candidates`` and ``year_votes`` hold all that was
    found, strongest source first; ``metadata`` the printed pairs, raw. ``topic``: the title or
    page title speaks of disclosure (政府信息公开, 政务公开, 公开年报). ``other_topic``: it does
    not, and a title of report form is about something else (法治政府建设年度报告).
    """

    title: str | None = None
    title_source: str | None = None
    organ: str | None = None
    organ_source: str | None = None
    year: int | None = None
    year_source: str | None = None
    published: datetime.date | None = None
    published_source: str | None = None
    index_number: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    organ_candidates: tuple[tuple[str, str], ...] = ()
    year_votes: tuple[tuple[int, str], ...] = ()
    findings: tuple[Finding, ...] = ()
    kind: Kind = "unknown"
    kind_evidence: str = ""
    topic: bool = False
    other_topic: bool = False


def identify(
    document: Document,
    sections: SectionMatch | None = None,
    *,
    organ: str | None = None,
    year: int | None = None,
    url: str | None = None,
) -> Identification:
    """Identify the report. Time is linear in the text's length."""
    page = page_parts(document, sections, url)
    published, published_source = publication_date(page)
    organs = find_organs(page, organ)
    votes = year_votes(page, year, published)
    kind, evidence = page_kind(page)
    topic, other_topic = topics(page)
    index_number = page.metadata.roles.get("index_number")
    findings = [
        *organ_findings(organs),
        *year_findings(votes, published),
        *page_findings(page, index_number),
    ]
    return Identification(
        title=page.title,
        title_source=page.title_source,
        organ=organs[0][0] if organs else None,
        organ_source=organs[0][1] if organs else None,
        year=votes[0][0] if votes else None,
        year_source=votes[0][1] if votes else None,
        published=published,
        published_source=published_source,
        index_number=index_number,
        metadata=page.metadata.pairs,
        organ_candidates=tuple(organs),
        year_votes=tuple(votes),
        findings=tuple(findings),
        kind=kind,
        kind_evidence=evidence,
        topic=topic,
        other_topic=other_topic,
    )

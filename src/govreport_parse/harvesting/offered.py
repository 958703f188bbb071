"""What lists promised of the reports they led to, set beside what the documents say.

The list page is read again from the archive. The document decides: what the list says fills in only
what the document does not say (``organ_source`` and ``year_source`` are then ``list``), and where
both speak and differ, that is a finding.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace

from govreport_parse.decode.charset import decode_text
from govreport_parse.errors import GovReportError
from govreport_parse.fetch.links import read_links
from govreport_parse.fetch.sites import Page, read_listing
from govreport_parse.fetch.state import Capture, Group, State
from govreport_parse.fetch.state.groups import Offer
from govreport_parse.harvesting.expand import judged
from govreport_parse.organs import describe_organ
from govreport_parse.report import Report
from govreport_parse.source import Source
from govreport_parse.values import Finding

_KEPT = 32
"""List pages whose entries are kept."""
_REGION = re.compile(r".*(?:[省县区旗州盟]|(?<!城)市)")
_TYPE = re.compile(
    r"(?:人民政府|政府|办公室|办公厅|办事处|街道办|委员会|管委会|中心|街道|[局委厅部处所站队办镇乡])$"
)
_SOURCE = "list"


class Offers:
    """Reads list pages of one harvest folder; ``read`` gives the document of a capture."""

    def __init__(self, state: State, read: Callable[[Capture], Source]) -> None:
        self._state, self._read = state, read
        self._pages: OrderedDict[str, dict[str, Offer]] = OrderedDict()

    def told(self, group: Group) -> Group:
        """The group with what its list said of it, if it comes from one that says anything."""
        if not group.from_list or not group.parent:
            return group
        offer = self._page(group.parent).get(group.url)
        return group if offer is None else replace(group, offer=offer)

    def _page(self, url: str) -> dict[str, Offer]:
        known = self._pages.get(url)
        if known is None:
            capture = self._state.previous(url)
            known = {} if capture is None else _offers(self._read(capture), capture.url)
            self._pages[url] = known
            if len(self._pages) > _KEPT:
                self._pages.popitem(last=False)
        return known


def _offers(source: Source, url: str) -> dict[str, Offer]:
    try:
        text = decode_text(source.data, content_type=source.content_type).text
    except GovReportError:
        return {}
    listing = read_listing(Page(url, text, read_links(text, url)))
    return {
        one.entry.url: Offer(
            one.entry.title, one.verdict.organ or one.entry.organ, one.verdict.year
        )
        for one in judged(listing, url, text)
        if one.verdict.kind == "report"
    }


def confirm(report: Report, offer: Offer | None) -> None:
    """Set what the list promised beside what the document says."""
    if offer is None:
        return
    if offer.year is not None:
        if report.year is None:
            report.year, report.year_source = offer.year, _SOURCE
        elif report.year != offer.year and report.year_source != "caller":
            report.findings += (_differs(offer, "year", str(offer.year), str(report.year)),)
    if offer.organ is not None:
        if report.organ is None:
            _name(report, offer.organ)
        elif report.organ_source != "caller" and are_different(offer.organ, report.organ):
            report.findings += (_differs(offer, "organ", offer.organ, report.organ),)


def _name(report: Report, organ: str) -> None:
    report.organ, report.organ_source = organ, _SOURCE
    about = describe_organ(organ, year=report.year, url=report.source.url)
    if report.division_source != "caller":
        report.division_code, report.division_source = about.division_code, about.division_source
        rest = (f for f in report.findings if not f.code.startswith("division_"))
        report.findings = (*rest, *about.findings)
    report.organ_level, report.organ_kind = about.level, about.kind


def are_different(one: str, other: str) -> bool:
    """Two printed names are of two organs. Short forms are not: 发改委, 县发展和改革委员会."""
    if one in other or other in one:
        return False
    places, cores = zip(*(_parts(name) for name in (one, other)), strict=True)
    if all(cores):
        short, full = sorted(cores, key=len)
        return not set(short) <= set(full)
    short, full = sorted(places, key=len)
    rest = iter(full)
    return bool(short) and not all(character in rest for character in short)


def _parts(name: str) -> tuple[str, str]:
    """The place before an organ's own name, and what is left without the words for its kind."""
    place = _REGION.match(name)
    core = name[place.end() :] if place is not None else name
    while (shorter := _TYPE.sub("", core)) != core:
        core = shorter
    return place[0] if place is not None else "", core


def _differs(offer: Offer, what: str, promised: str, found: str) -> Finding:
    return Finding(
        "list_differs",
        "warning",
        f"the list names the {what} {promised}, the document {found}; the document's is kept",
        f"列表标题与正文的{'年度' if what == 'year' else '机关'}不一致：{promised}／{found}",
        detail=(("title", offer.title), ("list", promised), ("document", found)),
    )

"""A page that lists reports, given as a report: the files among what it lists are not its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from govreport_parse.decode.charset import decode_text
from govreport_parse.errors import GovReportError
from govreport_parse.fetch.article_pages import is_list
from govreport_parse.fetch.links import read_links
from govreport_parse.fetch.state import Capture, Group
from govreport_parse.fetch.titles import judge_title
from govreport_parse.harvesting.expand import title_of
from govreport_parse.report import Failure, Report
from govreport_parse.source import Source

Result = Report | Failure
_KIND = "list_page"
"""What the parser calls such a page in the context of its failure."""
_HINT = "give its address the kind list (or site) in the sources: then each report is taken"


def without_listed(
    group: Group, results: Sequence[Result], read: Callable[[Capture], Source]
) -> list[Result]:
    """What was made of a group's documents, without the files of a list: other organs' reports.

    ``results``: the page's first. ``read`` gives the document of a capture; only a page that the
    parser calls a list is read again. One that links to files alone keeps them: it is the cover of
    all the reports of a place.
    """
    first = results[0]
    if not isinstance(first, Failure) or first.error.context.get("kind") != _KIND:
        return list(results)
    error = first.error
    told = Failure(first.source, type(error)(error.message, hint=_HINT, context=error.context))
    if len(results) > 1 and not _links_to_pages(read(group.page), group.page.url):
        return [told, *results[1:]]
    return [told]


def _links_to_pages(page: Source, url: str) -> bool:
    """It links to pages of reports, and its own title is none of a report."""
    try:
        text = decode_text(page.data, content_type=page.content_type).text
    except GovReportError:
        return False
    return judge_title(title_of(text)).kind != "report" and is_list(read_links(text, url), text)

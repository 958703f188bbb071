"""Which links of a page are files that belong to its report."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from govreport_parse.fetch.link_records import Link, Links, kind_of
from govreport_parse.fetch.titles import judge_title

DOWNLOAD = re.compile(
    r"/(?:down(?:load|file)?|attach(?:ment)?|file(?:down(?:load)?)?)[^/]{0,20}(?:[/?.]|$)|downfile"
    r"|downloadattach|filedownload|attachment/",
    re.IGNORECASE,
)
"""Paths by which servers hand out files."""


def attachments(links: Links, *, title: str = "", images: bool = True) -> list[Link]:
    """The files that belong to the report of this page.

    From the main text: all documents and archives, addresses of a download, and (with ``images``)
    pictures that aren't the page's dress. From elsewhere on the page only files called 附件 or
    titled like a report. A file that names another year than ``title`` is another year's report.
    """
    year = judge_title(title).year if title else None
    found = []
    for link in links:
        if link.tag == "img":
            wanted = images and link.in_article and link.kind == "image"
        elif may_be_file(link.url):
            wanted = link.in_article or _is_named_attachment(link)
        else:
            wanted = images and link.in_article and link.kind == "image"
        if wanted and not _is_of_another_year(link, year):
            found.append(link)
    return found


def may_be_file(url: str) -> bool:
    """The address promises a document, an archive or a download; a picture is none of them."""
    if kind_of(url) in ("document", "archive"):
        return True
    # The whole address first: few match, and it need not be split for the others.
    return DOWNLOAD.search(url) is not None and DOWNLOAD.search(urlsplit(url).path) is not None


def _is_named_attachment(link: Link) -> bool:
    near = f"{link.context[:60]} {link.label}"
    return "附件" in near or judge_title(link.label).kind == "report"


def _is_of_another_year(link: Link, year: int | None) -> bool:
    if year is None:
        return False
    verdict = judge_title(link.label)
    return verdict.kind == "report" and verdict.year is not None and verdict.year != year

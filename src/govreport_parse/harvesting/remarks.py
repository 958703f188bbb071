"""Why a list gave nothing, or not all, in words for people."""

from __future__ import annotations

import re
from dataclasses import dataclass

from govreport_parse.fetch.link_records import Links

_POSTED = re.compile(r"<form\b[^<>]{0,400}\bmethod\s{0,3}=\s{0,3}[\"']?post", re.IGNORECASE)
_TURNED = re.compile(r"\.submit\s{0,3}\(|__doPostBack")
_SCRIPT = re.compile(r"<script\b", re.IGNORECASE)
_FEW = 5
_NOTES = {
    "paging_by_script": "its further pages are turned by a script only and were not looked at",
    "paging_by_form": "its further pages are sent for by a form only and were not looked at",
    "paging_capped": "it has more pages than are looked at",
    "json_expected": "the answer should be JSON and is not",
}


@dataclass(frozen=True, slots=True)
class Remark:
    """A list page, and why it gave nothing or not all."""

    url: str
    why: str

    def __str__(self) -> str:
        return f"{re.sub(r'[^ -~]', '?', self.url)}: {self.why}"


def words_of(note: str) -> str:
    """A family's note on a list (``sites.model.Listing``) as a sentence."""
    return _NOTES.get(note, note)


def why_nothing(text: str, links: Links) -> str:
    """What a page without reports shows of the reason; empty when nothing special does."""
    opened = links.left_out["javascript"]
    if len(links) <= _FEW and opened == 0 and _SCRIPT.search(text):
        return "a script fills it in the browser: the page itself has no list"
    if opened > len(links):
        return f"{opened} of its links are opened by scripts and have no address"
    if _POSTED.search(text) and (_TURNED.search(text) or len(links) <= _FEW):
        return "it is asked for by a form, which is not filled in"
    return ""

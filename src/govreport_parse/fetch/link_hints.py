"""Whether a page can have files at all, told from its bytes: most report pages have none.

Reading the links of a page of 40 KB takes milliseconds, a look at its bytes a tenth of one. The
look errs on one side only: it may say yes to a page without files, never no to one that
``attachments`` finds a document or an archive on.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

from govreport_parse.fetch.attachments import may_be_file

# One pattern for each first character: the search for a single one is much the fastest.
_ENDING = r"\.(?:pdf|docx?|wps|xlsx?|et|ods|rtf|ofd|txt|csv|zip|rar|7z)(?![a-z0-9])"
_ESCAPED = r"%(?:2[5ef]|3[0-9]|[4-7][0-9a-f])"
_ENTITY = (
    r"&(?:period|sol|bsol|percnt|tab|newline"
    r"|#(?!(?:x0{0,4}a0|0{0,4}160|x0{0,4}3000|12288|x0{0,4}20[01][0-9a-f]|82[0-9]{2});))"
)
"""But for blanks and dashes, which no address is written with."""
_WORDS = (
    r"down(?:(?<![a-z]down)|file|loadattach)",
    r"attach(?:(?<![a-z]attach)|ment/)",
    r"file(?:(?<![a-z]file)|download)",
)
_HINTS = (*_WORDS, _ENDING, _ESCAPED, _ENTITY)
_OF_BYTES = tuple(re.compile(hint.encode()) for hint in _HINTS)
_OF_TEXT = tuple(re.compile(hint) for hint in _HINTS)
_LINKS = rb"<(?:a|area|i?frame|embed|object|base|meta)"
_LINK = re.compile(_LINKS + rb"(?![a-z0-9:_-])")
_LINK_TAG = re.compile(_LINKS + rb"(?:>|[\s/](?:[^<>\"']++|\"[^\"]{0,4000}\"|'[^']{0,4000}')*+>)")
_CLICK = re.compile(
    rb"onclick\s{0,9}=\s{0,9}(?:\"[^\"]{0,4000}\"|'[^']{0,4000}'|[^\"'\s>]{1,4000})"
)
_BREAKS = "\t\r\n"
"""What an address may hold, and loses."""
_BREAK = re.compile(f"[{_BREAKS}]")


def may_have_files(page: bytes, base: str) -> bool:
    """Whether reading the links of a page could find documents, archives or downloads.

    ``page`` is text in an encoding that keeps ASCII (UTF-8, GB18030, Big5); ``base`` its address.
    Pages that say something to robots are to be read, too. Looked at is what a link can be made of;
    scripts, styles and texts name files, too.
    """
    if may_be_file(base):
        return True
    lower = page.lower()
    tags = [match[0] for match in _LINK_TAG.finditer(lower)]
    clicks = [match[0] for match in _CLICK.finditer(lower)] if b"onclick" in lower else []
    # A tag that is malformed, or hidden in another, is for the reader.
    found = len(tags), len(clicks)
    if not tags or found != (len(_LINK.findall(lower)), lower.count(b"onclick")):
        return True
    whole = b"\0".join(tags + clicks)
    glued = whole.translate(None, _BREAKS.encode())
    return _hints(whole) or (len(glued) < len(whole) and _hints(glued))


def _hints(text: bytes) -> bool:
    return b"robots" in text or any(pattern.search(text) for pattern in _OF_BYTES)


def hinted(raws: Sequence[str]) -> set[int]:
    """Which of some tags may name a file, by what stands between their names and ``>``."""
    lower = [raw.lower() for raw in raws]
    whole = "\0".join(lower)
    found = _places(whole, lower)
    if any(mark in whole for mark in _BREAKS):
        glued = [_BREAK.sub("", raw) for raw in lower]
        found |= _places("\0".join(glued), glued)
    return found


def _places(whole: str, raws: Sequence[str]) -> set[int]:
    """Where in the joined text of tags the hints stand."""
    hits = [match.start() for hint in _OF_TEXT for match in hint.finditer(whole)]
    starts = list(accumulate((len(raw) + 1 for raw in raws), initial=0)) if hits else []
    return {bisect_right(starts, hit) - 1 for hit in hits}

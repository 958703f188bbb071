"""Whether a page can have files at all, told from its bytes: most report pages have none.

Reading the links of a page of 40 KB takes milliseconds, a look at its bytes a tenth of one. The
look errs on one side only: it may say yes to a page without files, never no to one that
``attachments`` finds a document or an archive on.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from govreport_parse.fetch.attachments import DOWNLOAD

# One pattern for each first character: the search for a single one is much the fastest.
_ENDING = re.compile(rb"\.(?:pdf|docx?|wps|xlsx?|et|ods|rtf|ofd|txt|csv|zip|rar|7z)(?![a-z0-9])")
_ESCAPED = re.compile(rb"%(?:2[ef]|3[0-9]|[4-7][0-9a-f])")
_ENTITY = re.compile(
    rb"&(?:period|sol|bsol"
    rb"|#(?!(?:x0{0,4}a0|0{0,4}160|x0{0,4}3000|12288|x0{0,4}20[01][0-9a-f]|82[0-9]{2});))"
)
"""But for blanks and dashes, which no address is written with."""
_WORD = re.compile(
    rb"(?<![a-z])(?:down|attach|file)|downfile|downloadattach|filedownload|attachment/"
)
_LINKS = rb"<(?:a|area|i?frame|embed|object|base|meta)"
_LINK = re.compile(_LINKS + rb"(?![a-z0-9:_-])")
_LINK_TAG = re.compile(_LINKS + rb"(?:>|[\s/](?:[^<>\"']++|\"[^\"]{0,4000}\"|'[^']{0,4000}')*+>)")
_CLICK = re.compile(
    rb"onclick\s{0,9}=\s{0,9}(?:\"[^\"]{0,4000}\"|'[^']{0,4000}'|[^\"'\s>]{1,4000})"
)
_BREAKS = b"\t\r\n"
"""What an address may hold, and loses."""


def may_have_files(page: bytes, base: str) -> bool:
    """Whether reading the links of a page could find documents, archives or downloads.

    ``page`` is text in an encoding that keeps ASCII (UTF-8, GB18030, Big5); ``base`` its address.
    Pages that say something to robots are to be read, too. Looked at is what a link can be made of;
    scripts, styles and texts name files, too.
    """
    if DOWNLOAD.search(urlsplit(base).path):
        return True
    lower = page.lower()
    tags = [match[0] for match in _LINK_TAG.finditer(lower)]
    clicks = [match[0] for match in _CLICK.finditer(lower)] if b"onclick" in lower else []
    # A tag that is malformed, or hidden in another, is for the reader.
    found = len(tags), len(clicks)
    if not tags or found != (len(_LINK.findall(lower)), lower.count(b"onclick")):
        return True
    whole = b"\0".join(tags + clicks)
    glued = whole.translate(None, _BREAKS)
    return _hints(whole) or (len(glued) < len(whole) and _hints(glued))


def _hints(text: bytes) -> bool:
    if b"robots" in text or _WORD.search(text):
        return True
    return any(pattern.search(text) for pattern in (_ENDING, _ESCAPED, _ENTITY))

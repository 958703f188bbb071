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
_ENDING = re.compile(
    rb"\.(?:(?:pdf|docx?|wps|xlsx?|et|ods|rtf|ofd|txt|csv|zip|rar|7z)(?![a-z0-9])"
    rb"|[a-z0-9]{0,3}[\t\r\n]{1,9}[a-z0-9]{1,4}[\"'\s>])"
)
_ESCAPED = re.compile(rb"%(?:2[ef]|3[0-9]|[4-7][0-9a-f])")
_ENTITY = re.compile(
    rb"&(?:period|sol|bsol"
    rb"|#(?!(?:x0{0,4}a0|0{0,4}160|x0{0,4}3000|12288|x0{0,4}20[01][0-9a-f]|82[0-9]{2});))"
)
"""But for blanks and dashes, which no address is written with."""
_WORD = re.compile(
    rb"(?<![a-z])(?:down|attach|file)|downfile|downloadattach|filedownload|attachment/"
)


def may_have_files(page: bytes, base: str) -> bool:
    """Whether reading the links of a page could find documents, archives or downloads.

    ``page`` is text in an encoding that keeps ASCII (UTF-8, GB18030, Big5); ``base`` its address.
    Pages that say something to robots are to be read, too.
    """
    lower = page.lower()
    if b"robots" in lower or DOWNLOAD.search(urlsplit(base).path):
        return True
    if (b"down" in lower or b"attach" in lower or b"file" in lower) and _WORD.search(lower):
        return True
    return any(pattern.search(lower) for pattern in (_ENDING, _ESCAPED, _ENTITY))

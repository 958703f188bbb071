"""Who harvests: a contact that every host is told."""

from __future__ import annotations

import re

from govreport_parse.errors import UsageError

_MAIL = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+\.[A-Za-z]{2,}")
_PAGE = re.compile(r"https?://[^\s/]+\.[^\s]+")


def checked_contact(contact: str | None) -> str:
    """A mail address or a web page. ``UsageError`` for anything else: no harvest without."""
    if contact is not None and not isinstance(contact, str):
        raise UsageError(
            f"a contact is a text, not {type(contact).__name__}",
            hint="give a contact like name@university.edu",
        )
    text = (contact or "").strip()
    if not text:
        raise UsageError(
            "a harvest needs a contact",
            hint="give your mail address, which hosts are told: --contact name@university.edu or "
            "$GOVREPORT_CONTACT (contact= in Python)",
        )
    if not (_MAIL.fullmatch(text) or _PAGE.fullmatch(text)) or not text.isascii():
        raise UsageError(
            f"{text[:80]!r} is no mail address and no web page",
            hint="give a contact like name@university.edu",
        )
    return text


def user_agent(contact: str) -> str:
    """How every request names itself."""
    from govreport_parse import __version__

    return f"govreport_parse/{__version__} (+{contact})"

"""Bytes and where they came from."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Source:
    """One document as received. ``sha256`` and ``report_id`` are derived from the bytes.

    ``name`` is for people (file name, title of a link), ``content_type`` the value of the HTTP
    header if there was one. ``given`` is what its bringer knows of this one document (``organ``,
    ``year``, ``division_code``): it counts as said by the caller of ``parse``, whose own arguments
    come first.
    """

    data: bytes
    name: str = ""
    url: str | None = None
    content_type: str | None = None
    sha256: str = field(default="")
    given: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        data: Any = self.data
        if not isinstance(data, bytes):
            from govreport_parse.errors import UsageError

            raise UsageError(
                f"a source holds bytes, not {type(data).__name__}",
                hint="a path or text becomes a source with Source.of",
            )
        if not self.sha256:
            object.__setattr__(self, "sha256", hashlib.sha256(self.data).hexdigest())

    @property
    def report_id(self) -> str:
        """First 16 hex digits of the SHA-256 of the bytes."""
        return self.sha256[:16]

    @classmethod
    def of(cls, source: Any, url: str | None = None) -> Source:
        """A path, bytes, text or Source as a Source.

        A ``str`` is a path when it is short, has no line break and names an existing file;
        otherwise it is the document's text itself. Raises ``UsageError`` for anything else and
        for a path that can't be read.
        """
        from govreport_parse.errors import UsageError

        if isinstance(source, Source):
            return source
        if isinstance(source, (bytes, bytearray, memoryview)):
            return cls(bytes(source), "<bytes>", url)
        if isinstance(source, str) and source[:8].lower().startswith(("http://", "https://")):
            raise UsageError(
                f"{source[:200]!r} is an address, not a document",
                hint="fetch it first and give its bytes, with url= for the record",
            )
        if isinstance(source, str) and not _looks_like_path(source):
            return cls(source.encode("utf-8", "surrogatepass"), "<text>", url)
        if isinstance(source, (str, Path)):
            path = named_path(source, "the document")
            try:
                check_file(path)
                return cls(path.read_bytes(), _name_of(path), url)
            except OSError as error:
                raise UsageError(
                    f"cannot read {str(path)!r}: {error.strerror or error}",
                    hint="check that the file exists and may be read",
                    context={"path": str(path)},
                ) from error
        raise UsageError(
            f"a source is a path, bytes or text, not {type(source).__name__}",
            hint="open file objects with .read() first",
        )


def named_path(given: Any, what: str) -> Path:
    """The path that a caller names for ``what``; ``UsageError`` for what can't be one."""
    from govreport_parse.errors import UsageError

    try:
        text = os.fspath(given)
    except TypeError:
        text = None
    if not isinstance(text, str):
        raise UsageError(
            f"{what} is named by a path, not {type(given).__name__} {given!r}"[:300],
            hint="give a str or a Path",
        )
    if not text or "\0" in text:
        raise UsageError(
            f"{what} can't be named {text[:200]!r}",
            hint="give a path; the folder you are in is '.'",
        )
    try:
        os.stat(text)
    except UnicodeEncodeError as error:
        raise UsageError(
            f"{what} can't be named {text[:200]!r}: the system has no such letters",
            hint="lone surrogates come of a wrong decoding; give the path as the system names it",
        ) from error
    except OSError as error:
        if error.errno in _NO_NAMES:
            raise UsageError(
                f"{what} can't be {text[:200]!r}: {error.strerror}",
                hint="give a path that the system takes and that you may look at",
                context={"path": text[:1000]},
            ) from error
        # what is not there is told by whoever opens it
    return Path(text)


_NO_NAMES = frozenset(
    {errno.ENAMETOOLONG, errno.EINVAL, errno.EILSEQ, errno.ELOOP, errno.EACCES, errno.EPERM}
)


def _name_of(path: Path) -> str:
    """The file's name; one in the bytes of GBK, as archives from Windows unpack, as it was meant.

    Names that are no UTF-8 hold surrogates in Python, which no JSON, address or table can carry.
    """
    name = path.name
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return os.fsencode(name).decode("gb18030", "replace")
    return name


LARGEST = 512 << 20
"""Bytes of a file that is read as one document."""


def check_file(path: Path) -> None:
    """Refuse devices and files of ``LARGEST`` bytes: they would fill the memory unread."""
    from govreport_parse.errors import LimitExceededError, UsageError

    about = path.stat()
    if stat.S_ISCHR(about.st_mode) or stat.S_ISBLK(about.st_mode):
        raise UsageError(f"{str(path)!r} is a device", hint="give a file")
    if about.st_size > LARGEST:
        raise LimitExceededError(
            f"{path.name} has {about.st_size:,} bytes, more than {LARGEST:,}",
            hint="a collection of documents is for govreport mine",
            context={"size": about.st_size, "limit": LARGEST},
        )


def _looks_like_path(text: str) -> bool:
    if len(text) > 1024 or "\n" in text or "\0" in text or not text.strip():
        return False
    try:
        if Path(text).exists():
            return True
    except OSError:
        return False
    # A missing file should be an error about the file, not about its name being no report.
    return "|" not in text and " " not in text and Path(text).suffix.lower() in _SUFFIXES


_SUFFIXES = frozenset(
    (
        *(".txt", ".md", ".csv", ".tsv", ".json", ".xml", ".html", ".htm", ".shtml", ".mht"),
        *(".pdf", ".docx", ".doc", ".wps", ".rtf", ".xlsx", ".xls", ".et", ".ods", ".zip"),
        *(".png", ".jpg", ".jpeg", ".tif", ".tiff"),
    )
)

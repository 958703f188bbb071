"""Every exception that leaves the library.

    GovReportError          message, context, hint; picklable
      FetchError            we could not get it
        NetworkError, HttpStatusError, RobotsDisallowedError, BlockedError
      DecodeError           bytes, but no text to trust
        UnsupportedFormatError, UnknownEncodingError, ScannedDocumentError
      ParseError            text, but no report
        NotAReportError, LimitExceededError
      DatasetError          a folder that is not, or no longer, a dataset
      UsageError            wrong argument, unknown figure path, malformed sources file

Observations about data (a broken sum, a row matched loosely) are findings, not exceptions.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class GovReportError(Exception):
    """Root of the tree: ``message`` says what happened, ``hint`` what to do about it.

    ``context`` holds plain values (names, sizes, limits) for logs and the JSON error record.
    """

    def __init__(
        self, message: str, *, hint: str = "", context: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.context: dict[str, Any] = dict(context or {})

    def __str__(self) -> str:
        return f"{self.message} ({self.hint})" if self.hint else self.message

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.message, self.hint, self.context)


def _rebuild(
    kind: type[GovReportError], message: str, hint: str, context: dict[str, Any]
) -> GovReportError:
    return kind(message, hint=hint, context=context)


class FetchError(GovReportError, OSError):
    """The document could not be obtained."""


class NetworkError(FetchError):
    """Name resolution, connection, TLS or transfer failed."""


class HttpStatusError(FetchError):
    """The server answered with a status that is not a document."""


class RobotsDisallowedError(FetchError):
    """robots.txt forbids the address, or could not be read (RFC 9309)."""


class BlockedError(FetchError):
    """A firewall, challenge or login page came instead of the document."""


class DecodeError(GovReportError, ValueError):
    """There are bytes, but no text to trust."""


class UnsupportedFormatError(DecodeError):
    """The bytes are of a format that is not read (or whose extra is not installed)."""


class UnknownEncodingError(DecodeError):
    """No permitted encoding gives plausible text."""


class ScannedDocumentError(DecodeError):
    """The document is a picture and the scan extra is missing."""


class ParseError(GovReportError, ValueError):
    """There is text, but no report could be made of it."""


class NotAReportError(ParseError):
    """No table and no section of a known form was found."""


class LimitExceededError(ParseError):
    """A size, depth, time or memory limit was reached."""


class DatasetError(GovReportError, RuntimeError):
    """A folder is not, or no longer, a dataset of this library."""


class UsageError(GovReportError, ValueError, LookupError):
    """A wrong argument, an unknown figure path, a malformed sources file."""

"""Names of documents, and how a worker reads the bytes behind one.

A name is a path, or an address of a store that fsspec knows (``s3://bucket/report.html``,
``memory://…``). What is known of a document beside its bytes travels in an ``Input``.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from govreport_parse.errors import FetchError, GovReportError, UsageError
from govreport_parse.source import Source

_STEP = 1 << 20
_WEB = ("http", "https", "ftp", "ftps")


@dataclass(frozen=True, slots=True)
class Input:
    """One document by name, with what its bringer knows of it.

    ``retrieved``: when it was fetched (ISO 8601). ``organ``, ``year`` and ``division_code`` count
    as said by the caller of ``parse``.
    """

    name: str
    url: str | None = None
    retrieved: str | None = None
    organ: str | None = None
    year: int | None = None
    division_code: str | None = None
    content_type: str | None = None

    def given(self) -> dict[str, Any]:
        """What is known of the report."""
        told = {"organ": self.organ, "year": self.year, "division_code": self.division_code}
        return {name: value for name, value in told.items() if value is not None}


def name_of(item: Any) -> str:
    """The name of an input, for shards and messages."""
    if isinstance(item, Input):
        return item.name
    if isinstance(item, Source):
        return item.name or item.sha256
    if isinstance(item, (str, os.PathLike)):
        return os.fspath(item)
    return str(item)


def read_input(item: Any) -> Source:
    """The document behind a name; a ``Source`` is given back as it is.

    Raises ``UsageError`` for a path that can't be read and for a web address (those are fetched,
    politely, by a harvest), ``FetchError`` where a store refuses, and ``GovReportError`` where
    this process lacks what the store needs.
    """
    if isinstance(item, Source):
        return item
    told = item if isinstance(item, Input) else Input(os.fspath(item))
    if "://" in told.name:
        _check_no_web(told.name)
        data, name = _from_store(told.name), name_in_store(told.name)
    else:
        # a Path, so that a missing file is an error about the file and never a text
        found = Source.of(Path(told.name))
        data, name = found.data, found.name
    return Source(data, name, told.url, told.content_type, given=told.given())


def _check_no_web(address: str) -> None:
    if address.partition("://")[0].lower() in _WEB:
        raise UsageError(
            f"{address[:200]!r} is a web address, not the name of a stored document",
            hint="fetch it first: govreport harvest, or govreport fetch",
        )


def name_in_store(address: str) -> str:
    """The last part of an address: ``a.html`` of ``zip://2024/a.html::s3://bucket/all.zip``."""
    return address.partition("::")[0].rstrip("/").rpartition("/")[2]


def _from_store(url: str) -> bytes:
    with _errors_of_store(url), _fsspec().open(url, "rb") as file:
        data: bytes = file.read()
    return data


def copy_from_store(url: str, path: Path) -> None:
    """Write the bytes behind an address to a file.

    Raises as ``read_input`` does, and ``GovReportError`` where this machine has no room for them.
    """
    try:
        with path.open("wb") as copy:
            copy.writelines(_pieces(url))
    except GovReportError:
        raise
    except OSError as error:
        host = socket.gethostname()
        raise GovReportError(
            f"the process on {host!r} can't keep a copy of {url[:200]!r}: {error.strerror}",
            hint=f"make room in {str(path.parent)!r}, or set TMPDIR to a folder with more",
            context={"reason": "worker_lacks", "host": host},
        ) from error


def _pieces(url: str) -> Iterator[bytes]:
    with _errors_of_store(url), _fsspec().open(url, "rb") as file:
        while data := file.read(_STEP):
            yield data


@contextmanager
def _errors_of_store(url: str) -> Iterator[None]:
    try:
        yield
    except ImportError as error:
        raise _lacks_store(url, error) from error
    except GovReportError:
        raise
    except Exception as error:  # a store's library has errors of its own; none crosses our face
        raise _refused(url, error) from error


def list_store(pattern: str) -> list[str]:
    """The addresses of a store that a pattern names (``s3://bucket/2024/*.html``), sorted.

    A folder gives all files below it. Raises as ``read_input`` does; ``UsageError`` for none.
    """
    _check_no_web(pattern)
    with _errors_of_store(pattern):
        store, path = _fsspec().core.url_to_fs(pattern)
        if any(c in path for c in "*?["):
            found = [p for p in store.glob(path) if store.isfile(p)]
        else:
            found = store.find(path)
        # what a store lies in, such as the zip file of a zip://, belongs to each address
        _, mark, outer = pattern.partition("::")
        names = sorted(store.unstrip_protocol(p) + mark + outer for p in found)
    if not names:
        raise UsageError(f"{pattern!r} names no document", hint="check the pattern")
    return names


def _fsspec() -> Any:
    try:
        import fsspec  # type: ignore[import-untyped]
    except ImportError as error:
        raise _lacks("fsspec", str(error)) from error
    return fsspec


def _lacks_store(url: str, error: ImportError) -> GovReportError:
    return _lacks(f"what fsspec needs for {url.partition('://')[0]}://", str(error))


def _lacks(what: str, detail: str) -> GovReportError:
    host = socket.gethostname()
    return GovReportError(
        f"the process on {host!r} lacks {what} ({detail[:200]})",
        hint="install the same packages on every machine that works",
        context={"reason": "worker_lacks", "host": host},
    )


def _refused(url: str, error: Exception) -> FetchError:
    detail = (str(error) or type(error).__name__).splitlines()[0][:200]
    return FetchError(
        f"{url[:200]!r} can't be read: {type(error).__name__}: {detail}",
        hint="check that it exists and that the worker has the right to read it",
        context={"reason": "store", "url": url[:500]},
    )

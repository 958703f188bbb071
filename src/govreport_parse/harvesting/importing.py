"""Local documents into the archive, as if they had been fetched.

A document whose address is known (a page that a person saved because the host is blocked) is
archived under that address; any other under ``urn:govreport-import:<sha256>:<name>``, which names
no server. From then on ``build`` and ``verify`` treat it like the rest.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from govreport_parse.errors import UsageError
from govreport_parse.fetch.records import Answer, Code, Exchange, Outcome
from govreport_parse.fetch.state import Claim, Target, open_state, store_answer
from govreport_parse.fetch.urls import canonical, host_of, registered_domain
from govreport_parse.harvesting.clock import utc
from govreport_parse.source import Source

PREFIX = "urn:govreport-import:"
BATCH = 100
_NAMED = 5
"""Missing paths that a message names."""


def archive_documents(sources: Iterable[Any], out: str | os.PathLike[str]) -> Iterator[Any]:
    """Put documents into the archive of a harvest folder and hand them on, in order.

    Each is on the disk before it is handed on; what is no ``Source`` is only handed on. Raises
    ``DatasetError`` when the folder is in use or can't be written, ``UsageError`` for an address
    that is none.
    """
    rest = iter(sources)
    first = list(islice(rest, BATCH))
    if not first:
        return
    with open_state(out, utc) as state:
        archive = state.open_archive(info={"operator": "import"})
        try:
            batch = first
            while batch:
                done = []
                for source in batch:
                    if not isinstance(source, Source):
                        continue
                    url = address_of(source)
                    state.push([Target(url)])
                    host = host_of(url)
                    claim = Claim(url, host, registered_domain(host), "report", None, 0, "", 0, 0)
                    done.append(store_answer(archive, _answer(url, source), claim=claim))
                state.record(done, archive.sync())
                yield from batch
                batch = list(islice(rest, BATCH))
        finally:
            archive.close()


def check_are_there(documents: Iterable[Any]) -> None:
    """``UsageError`` for paths at which nothing is, before anything is written of the rest.

    A failure of theirs would stay in the dataset: what was never there has no other document.
    """
    missing = [str(d) for d in documents if isinstance(d, Path) and not d.exists()]
    if missing:
        more = f" and {len(missing) - _NAMED:,} more" if len(missing) > _NAMED else ""
        raise UsageError(
            f"nothing is at {', '.join(map(repr, missing[:_NAMED]))}{more}",
            hint="check the paths; nothing was imported",
            context={"paths": missing[:100]},
        )


def mark_imported(told: Sequence[tuple[str, str, str]], out: str | os.PathLike[str]) -> None:
    """Note in the state what the parser made of documents: address, word, detail."""
    if told:
        with open_state(out, utc) as state:
            state.mark_parsed(told)


def address_of(source: Source) -> str:
    """The canonical address of a document, or its own name where it has none."""
    if source.url:
        return canonical(source.url)
    return f"{PREFIX}{source.sha256}:{quote(source.name[:200], safe='')}"


def imported_name(url: str) -> str | None:
    """The file name of an imported document; ``None`` for an address of the web."""
    if not url.startswith(PREFIX):
        return None
    return unquote(url.removeprefix(PREFIX).partition(":")[2], errors="replace")


def imported_digest(url: str) -> str:
    """The SHA-256 of an imported document that has no address of the web."""
    return url.removeprefix(PREFIX).partition(":")[0]


def _answer(url: str, source: Source) -> Answer:
    kind = source.content_type or "application/octet-stream"
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nX-Govreport-Import: 1\r\n\r\n"
    exchange = Exchange(
        url,
        "GET",
        b"",
        "",
        utc(),
        0.0,
        200,
        head.encode("ascii", "replace"),
        source.data,
    )
    return Answer(url, Outcome(Code.OK), (exchange,), source.data)

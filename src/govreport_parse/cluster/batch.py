"""The batch function: names of documents in, the names of staged parts out.

It is importable and takes and gives plain values, so it runs on any executor. A part is named by
the SHA-256 of the documents, the parser's version and the options: a batch that runs twice changes
nothing. Text and HTML are parsed here, all other documents in killable child processes. A document
at which a worker died goes to a child process too, where a further death or two end it as a
failure; where there are no child processes, ``DEATHS`` dead workers do.
"""

from __future__ import annotations

import gc
import hashlib
import json
import pickle
import socket
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from govreport_parse.cluster.attempts import Attempt, attempt
from govreport_parse.cluster.expanding import Expanded, expanded
from govreport_parse.cluster.inputs import Input, name_of
from govreport_parse.cluster.lingering import ONE_AT_A_TIME, lingering
from govreport_parse.cluster.notes import Note, keep_notes
from govreport_parse.decode.sniff import sniff
from govreport_parse.errors import GovReportError, ParseError
from govreport_parse.report import Failure, Report, SourceInfo
from govreport_parse.source import Source

DEATHS = 3
"""So many workers may die at a document that is parsed in them."""
KEPT = 64 * 2**20
"""Bytes of documents of a batch that are read once; what goes beyond is read again."""

EXTRAS: Mapping[str, tuple[str, ...]] = {
    "office": ("lxml", "python_calamine", "olefile"),
    "scan": ("rapidocr", "onnxruntime"),
    "zh": ("opencc",),
}
"""Extras that change what can be parsed, and their packages."""

Result = Report | Failure
Reader = Callable[[Any], Source | Sequence[Source]]
Combine = Callable[[Any, list[Result]], Iterable[Result | tuple[Result, str | None] | Note]]
Known = Callable[[Path, str, Sequence[Source]], list[bool]]


def own_version() -> str:
    """The version of the library in this process."""
    from govreport_parse import __version__

    return __version__


def own_extras() -> list[str]:
    """The extras that this process has whole."""
    return [name for name, needs in EXTRAS.items() if all(map(_is_there, needs))]


@lru_cache(maxsize=64)
def _is_there(package: str) -> bool:
    return find_spec(package) is not None


def run_batch(task: Mapping[str, Any]) -> dict[str, Any]:
    """Parse one batch and stage the result.

    ``task``: ``version`` and ``extras`` of the client, ``batch`` (name of this batch in its run),
    ``staging`` (folder), ``inputs``, ``reader``, ``options`` of ``parse``, ``mapping``, ``mask``,
    ``isolated``; and, where they are wanted, ``lingers``, ``expand``, ``combine``, ``counted``,
    ``known`` and ``parser_version`` (``process_many`` says what all these are). Gives ``parts``
    (names), ``documents``, ``known`` (in the dataset already, so not parsed), ``dropped``
    (documents of which nothing was written), ``reports``, ``failures``, ``quarantined``,
    ``done_before``, ``accounts`` (of what was expanded) and ``lost`` (names of inputs that killed
    their readers).

    Raises ``GovReportError`` for what no other attempt would mend: another version or a missing
    extra here, a staging folder that this machine does not see or may not write to.
    """
    check_worker(task["version"], task["extras"])
    staging = Path(task["staging"])
    if not (staging / "attempts").is_dir():
        raise _unseen(staging)
    with ONE_AT_A_TIME, _few_collections(), lingering(task.get("lingers", False)):
        _warm_up()  # else the first document of a batch is in work for a second
        if task.get("expand") is None:
            return _Batch(task, staging, list(task["inputs"]), task["batch"]).run()
        return _run_expanded(task, staging)


def _run_expanded(task: Mapping[str, Any], staging: Path) -> dict[str, Any]:
    """Each piece of what the inputs hold, worked on and staged by itself."""
    found = Expanded()
    with attempt(staging, task["batch"]) as (mine, deaths):
        for number, piece in enumerate(expanded(task, mine, deaths, DEATHS, found)):
            found.add(_Batch(task, staging, piece, f"{task['batch']}-{number}").run())
    return found.told()


@lru_cache(maxsize=1)
def _warm_up() -> None:
    from govreport_parse.workers.target import warm_up

    warm_up()


@contextmanager
def _few_collections() -> Iterator[None]:
    """Parsing makes no cycles; walking the reports of a batch again and again costs a tenth."""
    before = gc.get_threshold()
    gc.set_threshold(max(before[0], 50_000) if before[0] else 0, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def check_worker(version: str, extras: Sequence[str]) -> None:
    """``GovReportError`` unless this process has the client's version and extras."""
    host = socket.gethostname()
    own = own_version()
    if own != version:
        raise GovReportError(
            f"the worker on {host!r} has govreport_parse {own}, the client {version}",
            hint="install the same version on the client and on all workers",
            context={"reason": "worker_version", "host": host, "worker": own, "client": version},
        )
    missing = sorted(set(extras) - set(own_extras()))
    if missing:
        packages = [p for name in missing for p in EXTRAS.get(name, ()) if not _is_there(p)]
        raise GovReportError(
            f"the worker on {host!r} lacks the extra {', '.join(missing)} "
            f"({', '.join(packages) or 'unknown here'}), which the client has",
            hint=f"on every worker: pip install 'govreport_parse[{','.join(missing)}]'; or name "
            "the extras that are needed",
            context={"reason": "worker_lacks", "host": host, "extras": missing},
        )


def _unseen(staging: Path) -> GovReportError:
    host = socket.gethostname()
    return GovReportError(
        f"the worker on {host!r} does not see the folder {str(staging)!r}",
        hint="the output must lie on a file system that all workers share; a worker that comes "
        "after the end of its run may also be told so",
        context={"reason": "staging_unseen", "host": host, "path": str(staging)},
    )


class _Batch:
    """One attempt at one batch: ``inputs`` become the part that is staged."""

    def __init__(
        self, task: Mapping[str, Any], staging: Path, inputs: list[Any], name: str
    ) -> None:
        self.task = task
        self.staging = staging
        self.name = name
        self.version: str = task.get("parser_version") or own_version()
        self.inputs = inputs
        self.kept: dict[int, Sequence[Source]] = {}
        self.unread: dict[int, Failure] = {}
        self.known: set[int] = set()
        """Inputs whose reports are in the dataset."""
        self.quarantined = 0
        self.notes: list[Any] = []
        self.counted: Counter[str] = Counter({"dropped": 0})
        self.mapping, self.mapping_mark = _mapping(task["mapping"])

    def run(self) -> dict[str, Any]:
        from govreport_parse.dataset.staged import stage, staged_counts

        part = self.key()
        told = {"parts": [part], "documents": len(self.inputs), "known": len(self.known)}
        done = staged_counts(self.staging, part)
        if done is not None:
            return told | done | {"quarantined": 0, "done_before": True}
        with attempt(self.staging, self.name) as (mine, deaths):
            pairs = list(self.combined(self.results(mine, deaths)))
            keep_notes(self.staging, part, self.notes)
            mask = self.task["mask"]
            made = stage(self.staging, part, pairs, self.version, mask=mask, more=self.counted)
        return told | made | {"quarantined": self.quarantined, "done_before": False}

    # -- reading ----------------------------------------------------------------------------------

    def key(self) -> str:
        """The name of the part; all documents are read for it."""
        task = self.task
        lines: list[Any] = [self.version, sorted(task["options"].items()), task["mask"]]
        lines += [self.mapping_mark, pickle.dumps(task.get("combine")).hex()]
        seen: list[tuple[int, Source]] = []
        room = KEPT
        for number, item in enumerate(self.inputs):
            sources = self.read(number)
            if sources is None:
                error = self.unread[number].error
                lines += ["unread", name_of(item), type(error).__name__, error.message]
            else:
                size = sum(len(source.data) for source in sources)
                if size <= room:
                    room -= size
                    self.kept[number] = sources
                for source in sources:
                    seen.append((number, replace(source, data=b"")))
                    lines += [source.sha256, source.name, source.url, source.content_type]
                    lines += sorted(source.given.items())
            lines.append(_told_of(item))
        known: Known = task.get("known") or _are_there
        there = known(self.staging.parent, self.version, [source for _, source in seen])
        new = {number for (number, _), is_known in zip(seen, there, strict=True) if not is_known}
        self.known = {number for number, _ in seen} - new
        lines.append(sorted(self.known))
        return hashlib.sha256(json.dumps(lines, default=str).encode()).hexdigest()[:40]

    def read(self, number: int) -> Sequence[Source] | None:
        """The documents of an input; ``None`` with a failure noted where it can't be read."""
        if number in self.kept:
            return self.kept[number]
        if number in self.unread:
            return None
        item = self.inputs[number]
        try:
            found = self.task["reader"](item)
        except GovReportError as error:
            if error.context.get("reason") == "worker_lacks":
                raise
            url = item.url if isinstance(item, Input) else None
            info = SourceInfo(name_of(item)[:200], url, "", 0, "", None)
            self.unread[number] = Failure(info, error)
            return None
        return (found,) if isinstance(found, Source) else tuple(found)

    # -- parsing ----------------------------------------------------------------------------------

    def results(self, mine: Attempt, deaths: Counter[int]) -> dict[int, list[Result]]:
        """The results by the numbers of the inputs; those known have none."""
        found: dict[int, list[Result | None]] = {}
        apart: list[tuple[int, int]] = []
        for number in range(len(self.inputs)):
            if number in self.known:
                continue
            mine.at(number)
            sources = self.read(number)
            if sources is None:
                found[number] = [self.unread[number]]
            else:
                found[number] = [self.parsed_here(s, deaths[number]) for s in sources]
                places = [place for place, r in enumerate(found[number]) if r is None]
                apart += [(number, place) for place in places]
                if not places:
                    self.kept.pop(number, None)
            mine.at(None)
        # what these documents do, their own processes suffer: a death of this one, while it waits
        # for them, accuses nobody
        for (number, place), result in zip(apart, self.isolated(apart), strict=True):
            found[number][place] = result
        return {n: [r for r in some if r is not None] for n, some in found.items()}

    def parsed_here(self, source: Source, deaths: int) -> Result | None:
        """The result of a document; ``None`` for one that goes to a child process."""
        if self.is_apart(source, deaths):
            return None
        if deaths >= DEATHS:
            self.quarantined += 1
            return _quarantined(source, deaths)
        return self.parse(source)

    def is_apart(self, source: Source, deaths: int) -> bool:
        """Whether a document goes to a child process."""
        from govreport_parse.workers import is_available

        isolated = self.task["isolated"]
        if not is_available():
            return False
        if isolated is None:
            return bool(deaths) or not _is_characters(source)
        return bool(isolated)

    def parse(self, source: Source) -> Result:
        """Parse in this process."""
        from govreport_parse.parsing import parse_or_failure

        return parse_or_failure(source, {**self.task["options"], "mapping": self.mapping})

    def isolated(self, places: Sequence[tuple[int, int]]) -> Iterator[Result]:
        """Parse in child processes of this one, in order."""
        from govreport_parse.parsing import parse_many

        def sources() -> Iterator[Any]:
            for number, place in places:
                found = self.read(number)
                # gone since it was read for the key: let it end as a failure of its own
                yield found[place] if found is not None else Path(name_of(self.inputs[number]))

        return parse_many(sources(), isolated=True, mapping=self.mapping, **self.task["options"])

    def combined(self, results: Mapping[int, list[Result]]) -> Iterator[tuple[Result, str | None]]:
        """What goes into the dataset, with the time it was fetched."""
        combine = self.task.get("combine")
        for number, some in sorted(results.items()):
            item = self.inputs[number]
            written: list[Any] = some if combine is None else list(combine(item, some))
            self.notes += [made.value for made in written if isinstance(made, Note)]
            written = [made for made in written if not isinstance(made, Note)]
            self.counted["dropped"] += not written
            for made in written:
                result, when = made if isinstance(made, tuple) else (made, _retrieved(item))
                self.count(result)
                yield result, when

    def count(self, result: Result) -> None:
        """The reports with findings that are to be counted."""
        if isinstance(result, Report):
            for one in (result, *result.others):
                codes = {finding.code for finding in one.findings}
                self.counted.update(codes.intersection(self.task.get("counted", ())))


def _are_there(folder: Path, version: str, sources: Sequence[Source]) -> list[bool]:
    from govreport_parse.dataset.places import are_there

    return are_there(folder, version, sources)


def _retrieved(item: Any) -> str | None:
    return item.retrieved if isinstance(item, Input) else None


def _told_of(item: Any) -> str | None:
    """What is written of an input beside its documents, and so tells one part from another."""
    return _retrieved(item) or getattr(item, "mark", None)


def _is_characters(source: Source) -> bool:
    """Text and HTML, whose readers bound themselves (RELIABILITY.md D1)."""
    return sniff(source.data, source.name, source.content_type).kind in ("html", "text")


def _quarantined(source: Source, deaths: int) -> Failure:
    media = sniff(source.data, source.name, source.content_type).media_type
    info = SourceInfo(source.name, source.url, source.sha256, len(source.data), media, None)
    return Failure(
        info,
        ParseError(
            f"{deaths} workers died at this document; it is left out",
            hint="treat it as hostile; the other documents are not affected",
            context={"reason": "worker_lost", "deaths": deaths},
        ),
    )


# -- the user's table of organs --------------------------------------------------------------------


def _mapping(given: Any) -> tuple[Any, str]:
    """The mapping, and what tells its content from another's. A path is read once a process."""
    if given is None:
        return None, ""
    if not isinstance(given, (str, Path)):
        return given, hashlib.sha256(repr(given).encode("utf-8", "replace")).hexdigest()
    try:
        mark = hashlib.sha256(Path(given).read_bytes()).hexdigest()
    except OSError as error:
        raise GovReportError(
            f"the worker on {socket.gethostname()!r} can't read the mapping {str(given)!r}: "
            f"{error.strerror or error}",
            hint="the file must lie on a file system that all workers share",
            context={"reason": "mapping_unseen", "path": str(given)},
        ) from error
    return _read_mapping(str(given), mark), mark


@lru_cache(maxsize=2)
def _read_mapping(path: str, mark: str) -> Any:  # noqa: ARG001  the mark tells when it changed
    from govreport_parse.organs import mapping_of

    return mapping_of(path)

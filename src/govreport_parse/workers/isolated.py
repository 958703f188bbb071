"""Documents that others wrote, parsed in killable child processes.

A document can crash, hang or fill the process that parses it; here that costs one worker and ends
in a ``Failure`` of that document. Each worker has limits on memory, CPU time, elapsed time,
output and open files, no network and no way to start programs or to write files (the module
``workers.sandbox`` says how far the system enforces this). Results come back as JSON that is
checked, never as pickles.

The processes live as long as the iteration, or, in a process that said ``keep``, until it ends.
Linux only: ``is_available`` tells.
"""

from __future__ import annotations

import re
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from govreport_parse.errors import GovReportError, UsageError
from govreport_parse.report import Failure, Report, SourceInfo
from govreport_parse.source import Source
from govreport_parse.workers.pool import DEFAULT_TARGET, Pool
from govreport_parse.workers.slot import Task
from govreport_parse.workers.verdicts import WorkerLimits, too_big

__all__ = ["WorkerLimits", "is_available", "keep", "page_count", "parse_isolated"]

_AHEAD: Final = 32
"""Documents per worker that may be finished before the next one in order."""
MOST_PAGES: Final = 300


def is_available() -> bool:
    """Whether documents can be isolated on this system."""
    return sys.platform == "linux"


_pools: dict[str, Pool] = {}
"""The pool that waits for its next call; by what it was made with."""
_is_keeping = False


def keep(on: bool = True) -> None:
    """Whether the processes of a finished call wait for the next one with the same options.

    For processes that parse many small batches: starting a pool costs as much as ten PDFs. Those
    that wait end with this process, or with ``keep(False)``.
    """
    global _is_keeping  # noqa: PLW0603
    _is_keeping = on
    if not on:
        _end_kept()


def _end_kept() -> None:
    while _pools:
        _pools.popitem()[1].close()


def _pool(jobs: int, limits: WorkerLimits, options: dict[str, Any], target: str) -> Pool:
    key = repr((jobs, limits, sorted(options.items()), target))
    pool = _pools.pop(key, None)
    if pool is None:
        _end_kept()
        pool = Pool(jobs, limits, options, target)
    pool.name = key
    return pool


def _finished(pool: Pool, *, is_whole: bool) -> None:
    """``is_whole``: nothing is under way in it."""
    if _is_keeping and is_whole and pool.started:
        _pools[pool.name] = pool
    else:
        pool.close()


def parse_isolated(
    sources: Iterable[Any],
    *,
    jobs: int = 2,
    limits: WorkerLimits | None = None,
    options: Mapping[str, Any] | None = None,
    inline: Callable[[Source], bool] | None = None,
    target: str = DEFAULT_TARGET,
) -> Iterator[Report | Failure]:
    """Parse sources in child processes; results in input order, one for each source.

    ``options`` are those of ``parse``. Sources for which ``inline`` is true are parsed in this
    process instead. At most a few dozen results per worker wait for an earlier one, and sources
    are read as they are needed, so memory stays bounded.

    A ``Failure`` holds what ``parse`` raises, or for a document that a worker did not survive
    ``LimitExceededError`` (``context["reason"]``: time, memory, output, input) or ``ParseError``
    (parser_crash:SIGSEGV, parser_exit:1, parser_error:IndexError, garbage). A document that ends a
    worker which had parsed others before gets a second try in a fresh one.

    ``target`` names the worker's function ``module:name(source, options) -> Report | Failure``.
    Raises ``UsageError`` for wrong arguments and ``GovReportError`` when no worker can be started.
    """
    if jobs < 1:
        raise UsageError(
            f"jobs must be at least 1, not {jobs}",
            hint="the number of processes; leave it out for one a core",
        )
    if not is_available():
        raise UsageError(
            f"documents cannot be isolated on {sys.platform}", hint="use isolated=False"
        )
    given = dict(options or {})
    url = given.pop("url", None)
    pool = _pool(jobs, limits or WorkerLimits(), given, target)
    return _in_order(iter(sources), pool, url, given, inline, (1 + jobs) * _AHEAD)


def _in_order(
    sources: Iterator[Any],
    pool: Pool,
    url: str | None,
    options: dict[str, Any],
    inline: Callable[[Source], bool] | None,
    most: int,
) -> Iterator[Report | Failure]:
    window: deque[Task] = deque()
    more = True
    is_whole = False
    try:
        while True:
            while more and len(window) < most and (not window or pool.hungry):
                found = next(sources, _END)
                if found is _END:
                    more = False
                    break
                task = _task(found, url, pool.limits, inline)
                window.append(task)
                if task.result is None and not task.inline:
                    pool.give(task)
                elif not pool.started:
                    break  # nobody waits for documents further on
            if not window:
                is_whole = True
                return
            head = window[0]
            if head.inline and head.source is not None:
                if pool.started:
                    pool.turn(wait=False)
                head.end(_parse_here(head.source, options))
            if head.result is not None:
                yield window.popleft().result  # type: ignore[misc]
            else:
                pool.turn()
    finally:
        _finished(pool, is_whole=is_whole)


_END: Final = object()


def _parse_here(source: Source, options: dict[str, Any]) -> Report | Failure:
    from govreport_parse.parsing import parse_or_failure

    return parse_or_failure(source, options)


def _task(
    found: Any, url: str | None, limits: WorkerLimits, inline: Callable[[Source], bool] | None
) -> Task:
    try:
        source = Source.of(found, url)
    except GovReportError as error:
        info = SourceInfo(str(found)[:200], url, "", 0, "", None)
        return Task(None, result=Failure(info, error))
    task = Task(source)
    if inline is not None and inline(source):
        task.inline = True
    elif len(source.data) > limits.input:
        task.fail(too_big(len(source.data), limits.input))
    else:
        task.pages = page_count(source.data)
    return task


_PAGE = re.compile(rb"/Type\s{0,8}/Page(?![a-zA-Z])")
_PICTURE = re.compile(rb"/Subtype\s{0,8}/Image(?![a-zA-Z])")


def page_count(data: bytes) -> int:
    """How many pages a document may have, from outside: no parser touches it here.

    For the time that it is given, at most 300. PDFs count their page objects and pictures; where
    objects are packed, each stream counts. Everything else is one page.
    """
    if b"%PDF-" not in data[:1024]:
        return 1
    if b"/ObjStm" in data:
        found = data.count(b"endstream")
    else:
        found = max(_count(_PAGE, data), _count(_PICTURE, data))
    return max(1, min(found, MOST_PAGES))


def _count(what: re.Pattern[bytes], data: bytes) -> int:
    n = 0
    for _ in what.finditer(data):
        n += 1
        if n == MOST_PAGES:
            break
    return n

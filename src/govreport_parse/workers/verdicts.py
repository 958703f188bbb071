"""Why a document ended without an answer, as one of our errors.

``context["reason"]`` is one of ``time``, ``memory``, ``output`` (``LimitExceededError``),
``parser_crash:SIGNAL``, ``parser_exit:CODE``, ``garbage`` (``ParseError``).
"""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass
from typing import Any

from govreport_parse.errors import GovReportError, LimitExceededError, ParseError


@dataclass(frozen=True, slots=True)
class WorkerLimits:
    """What one document may use. A real report takes milliseconds and some MB.

    ``memory``: bytes of address space. ``cpu``, ``wall``: seconds; ``per_page`` is added to both
    for each page of a paged document. ``output``: bytes of the result. A worker is replaced
    after ``recycle_after`` documents, or when it holds ``recycle_memory`` bytes. ``input``:
    largest document that is looked at.
    """

    memory: int = 2**30
    cpu: float = 30.0
    wall: float = 45.0
    per_page: float = 1.0
    output: int = 16 * 2**20
    recycle_after: int = 100
    recycle_memory: int = 600 * 2**20
    input: int = 64 * 2**20


_HINT = "raise WorkerLimits.{} if the document is genuine"
_OF_MEMORY = (b"bad_alloc", b"MemoryError", b"ut of memory", b"annot allocate memory")
_NEAR = 0.75
"""Share of the memory limit from which a crash is put down to it."""


def too_slow(seconds: float, what: str = "wall") -> LimitExceededError:
    """``seconds`` of time (``wall``) or of CPU (``cpu``) were not enough."""
    unit = "s of CPU time" if what == "cpu" else "s"
    return LimitExceededError(
        f"parsing took more than {seconds:g} {unit} and was stopped",
        hint=_HINT.format(what),
        context={"reason": "time", "limit": seconds, "clock": what},
    )


def too_large(size: int, limit: int) -> LimitExceededError:
    """The worker announced ``size`` bytes of result."""
    return LimitExceededError(
        f"the result has {size} bytes, more than {limit}",
        hint=_HINT.format("output"),
        context={"reason": "output", "size": size, "limit": limit},
    )


def too_big(size: int, limit: int) -> LimitExceededError:
    """The document itself has ``size`` bytes."""
    return LimitExceededError(
        f"the document has {size} bytes, more than {limit}",
        hint=_HINT.format("input"),
        context={"reason": "input", "size": size, "limit": limit},
    )


def garbage(detail: str) -> ParseError:
    """The worker sent what is no answer."""
    return ParseError(
        "the parser's answer on this document is no answer",
        hint="treat the document as hostile",
        context={"reason": "garbage", "detail": detail[:300]},
    )


def died(
    status: int, peak: int, last_words: bytes, limits: WorkerLimits, cpu: float
) -> GovReportError:
    """The worker ended. ``status`` as of ``waitpid``, ``peak`` in bytes."""
    code = os.waitstatus_to_exitcode(status)
    words: dict[str, Any] = {"stderr": _printable(last_words)} if last_words else {}
    if code >= 0:
        return ParseError(
            f"the parser ended on this document (exit code {code})",
            hint="please report it with the document; the others are not affected",
            context={"reason": f"parser_exit:{code}", **words},
        )
    if -code == signal.SIGXCPU:
        return too_slow(cpu, "cpu")
    if -code == signal.SIGXFSZ:
        return LimitExceededError(
            "the parser wrote too much to disk",
            hint="treat the document as hostile",
            context={"reason": "output"},
        )
    if (
        -code == signal.SIGKILL
        or peak > _NEAR * limits.memory
        or any(mark in last_words for mark in _OF_MEMORY)
    ):
        return LimitExceededError(
            "the document needs more memory than a worker may use",
            hint=_HINT.format("memory"),
            context={"reason": "memory", "limit": limits.memory, "signal": -code, **words},
        )
    name = _signal_name(-code)
    return ParseError(
        f"the parser crashed on this document ({name})",
        hint="please report it with the document; the others are not affected",
        context={"reason": f"parser_crash:{name}", **words},
    )


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _printable(words: bytes) -> str:
    """The last line of stderr, without anything that a terminal would obey."""
    lines = words.decode("utf-8", "replace").strip().splitlines()
    return repr(lines[-1][-300:])[1:-1] if lines else ""

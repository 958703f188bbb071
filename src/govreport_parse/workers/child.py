"""The inside of a worker: one document after the other, each answered with one frame.

Runs in a process that the fork server made. It reads hostile bytes: it has no network, starts no
program and may be killed at any time. Whatever happens to a document in Python ends as an answer;
what happens in C code ends this process, and the supervisor says so.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from govreport_parse.errors import GovReportError, LimitExceededError, ParseError
from govreport_parse.report import Failure, Report
from govreport_parse.source import Source
from govreport_parse.workers import sandbox
from govreport_parse.workers.wire import HEAD, MARK, frame, job_source, pack, pack_error

Target = Callable[[Source, dict[str, Any]], Report | Failure]
_CHUNK = 1 << 20


def serve(
    requests: int, answers: int, target: Target, options: dict[str, Any], limits: dict[str, Any]
) -> None:
    """Answer requests until their pipe is closed. ``limits``: cpu, per_page (s), output (bytes)."""
    while (received := _receive(requests)) is not None:
        head, body = received
        sandbox.attempts.clear()
        sandbox.arm_cpu(limits["cpu"] + limits["per_page"] * head["pages"])
        answer = _answer(target, job_source(head, body), options)
        answer["number"] = head["number"]
        packed, _ = frame(answer)
        if len(packed) > limits["output"]:
            refused = _refusal(_too_much(len(packed), limits["output"]))
            packed, _ = frame(refused | {"number": head["number"]})
        del body, received, answer
        _send(answers, packed)


def _answer(target: Target, source: Source, options: dict[str, Any]) -> dict[str, Any]:
    try:
        result = target(source, options)
        return _with_traces(pack(result), result)
    except GovReportError as error:
        return _refusal(error) | {"worn": _caused_by_memory(error)}
    except MemoryError:
        return _refusal(_out_of_memory())
    except Exception as error:  # noqa: BLE001  the border: nothing may take the worker down
        return _refusal(_out_of_memory() if _caused_by_memory(error) else _unforeseen(error))


def _with_traces(answer: dict[str, Any], result: Report | Failure) -> dict[str, Any]:
    """The answer, with what only the worker knows of a failure."""
    if isinstance(result, Report):
        return answer
    if _caused_by_memory(result.error):
        answer["error"] = pack_error(_out_of_memory())
    if sandbox.wants_bridge():
        answer["bridge"] = True
    return answer


def _refusal(error: GovReportError) -> dict[str, Any]:
    answer: dict[str, Any] = {"error": pack_error(error), "worn": True}
    if sandbox.wants_bridge():
        answer["bridge"] = True
    return answer


def _caused_by_memory(error: BaseException) -> bool:
    """Readers and libraries turn what they catch into errors of their own: look behind them."""
    seen: set[int] = set()
    behind: list[object] = [error]
    while behind:
        at = behind.pop()
        if isinstance(at, MemoryError):
            return True
        if isinstance(at, BaseException) and id(at) not in seen:
            seen.add(id(at))
            behind += [at.__cause__, at.__context__, *at.args]
    return False


def _out_of_memory() -> LimitExceededError:
    return LimitExceededError(
        "the document needs more memory than a worker may use",
        hint="raise WorkerLimits.memory if the document is genuine",
        context={"reason": "memory"},
    )


def _too_much(size: int, most: int) -> LimitExceededError:
    return LimitExceededError(
        f"the result has {size} bytes, more than {most}",
        hint="raise WorkerLimits.output if the document is genuine",
        context={"reason": "output", "size": size, "limit": most},
    )


def _unforeseen(error: Exception) -> ParseError:
    return ParseError(
        f"the parser failed on this document ({type(error).__name__})",
        hint="please report it with the document; the others are not affected",
        context={"reason": f"parser_error:{type(error).__name__}", "detail": repr(error)[:300]},
    )


def _receive(pipe: int) -> tuple[dict[str, Any], bytes] | None:
    import json

    start = _read(pipe, HEAD.size)
    if start is None:
        return None
    mark, n, m = HEAD.unpack(start)
    head = _read(pipe, n)
    body = _read(pipe, m)
    if mark != MARK or head is None or body is None:
        return None
    return json.loads(head.decode("utf-8", "surrogatepass")), body


def _read(pipe: int, size: int) -> bytes | None:
    parts: list[bytes] = []
    while size:
        part = os.read(pipe, min(size, _CHUNK))
        if not part:
            return None
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def _send(pipe: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(pipe, view) :]

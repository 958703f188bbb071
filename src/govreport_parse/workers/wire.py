"""What travels between the supervisor and a worker: frames, jobs, answers.

A frame is a mark, the length of a head (JSON) and of a body (bytes, the document), then both.
Answers have no body. They come from a process that has read hostile bytes: never pickled, and
``unpack`` checks every part, so that a wrong answer is a ``WireError`` and nothing else.

This form is private to one version; the public one is ``Report.to_dict``.
"""

from __future__ import annotations

import json
import struct
from typing import Any, Final

from govreport_parse import errors
from govreport_parse.decode.sniff import sniff
from govreport_parse.errors import GovReportError, ParseError
from govreport_parse.report import Failure, Report
from govreport_parse.source import Source
from govreport_parse.workers.parts import strings, text
from govreport_parse.workers.record import own_source, pack_report, plain, unpack_report

MARK: Final = b"gvr1"
HEAD: Final = struct.Struct("<4sQQ")
MOST_CONTAINERS: Final = 400_000
"""Lists and objects of one answer (a report of 200 figures has about 100)."""
MOST_PARTS: Final = 4_000_000

_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False)


class WireError(Exception):
    """The other side sent something that is no answer."""


def frame(head: Any, body: bytes = b"") -> list[bytes]:
    """The frame of ``head`` and ``body`` as two pieces, so that the body is not copied."""
    packed = _ENCODER.encode(head).encode("utf-8", "surrogatepass")
    return [HEAD.pack(MARK, len(packed), len(body)) + packed, body]


def parse_json(data: bytes) -> Any:
    """JSON from a worker; refused before it is built when it would need far more memory."""
    if data.count(b"[") + data.count(b"{") > MOST_CONTAINERS or data.count(b",") > MOST_PARTS:
        raise WireError("the answer has too many parts")
    try:
        return json.loads(data.decode("utf-8", "surrogatepass"))
    except (ValueError, RecursionError) as error:
        raise WireError("the answer is not JSON") from error


# -- jobs ------------------------------------------------------------------------------------------


def job_head(source: Source) -> dict[str, Any]:
    """What goes to the worker beside the bytes."""
    return {
        "name": source.name,
        "url": source.url,
        "content_type": source.content_type,
        "sha256": source.sha256,
        "given": dict(source.given),
    }


def job_source(head: dict[str, Any], body: bytes) -> Source:
    """The source on the worker's side."""
    return Source(
        body, head["name"], head["url"], head["content_type"], head["sha256"], head["given"]
    )


# -- answers, worker's side ------------------------------------------------------------------------


def pack(result: Report | Failure) -> dict[str, Any]:
    """A result as JSON values. Raises ``TypeError`` or ``ValueError`` for what has none."""
    if isinstance(result, Failure):
        return {"error": pack_error(result.error)}
    return {"report": pack_report(result)}


def pack_error(error: GovReportError) -> list[Any]:
    """One of our errors: class, message, hint, context."""
    context = {key: plain(value) for key, value in error.context.items()}
    return [type(error).__name__, error.message, error.hint, context]


# -- answers, supervisor's side --------------------------------------------------------------------

_ERRORS: Final[dict[str, type[GovReportError]]] = {
    name: kind
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, GovReportError)
}


def unpack(answer: Any, source: Source) -> Report | Failure:
    """The result for ``source``. Raises ``WireError`` for anything that ``pack`` does not give."""
    try:
        if "error" in answer:
            return failure(source, unpack_error(answer["error"]))
        return unpack_report(answer["report"], source)
    except (
        KeyError, IndexError, TypeError, ValueError, AttributeError, ArithmeticError,
        RuntimeError, RecursionError, StopIteration,
    ) as error:  # fmt: skip
        raise WireError(f"the answer is no result: {type(error).__name__}: {error}") from error


def unpack_error(data: Any) -> GovReportError:
    """The error of ``pack_error``."""
    name, message, hint, context = data
    kind = _ERRORS.get(text(name), ParseError)
    return kind(text(message), hint=text(hint), context=strings(context))


def failure(source: Source, error: GovReportError) -> Failure:
    """The failure of a source that was received."""
    media_type = sniff(source.data, source.name, source.content_type).media_type
    return Failure(own_source(source, media_type, None), error)

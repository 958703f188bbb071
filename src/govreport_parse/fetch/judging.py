"""From an exchange to its outcome: status, length, coding, end of the body."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

from govreport_parse.fetch.bodies import looks_cut
from govreport_parse.fetch.heads import applied_codings
from govreport_parse.fetch.inflate import Inflated, codings, inflate
from govreport_parse.fetch.limits import Limits
from govreport_parse.fetch.records import Code, Exchange, Outcome
from govreport_parse.fetch.statuses import REDIRECTS, one_line, outcome_of

_IN_THREAD = 256 << 10
"""Bodies longer than this are inflated outside the event loop."""
_FATAL = {"protocol", "error"}
_NO_HEAD = Outcome(Code.RETRY, "disconnect", "no answer came")
_UNUSABLE = {"coding", "bomb"}


@dataclass(frozen=True, slots=True)
class Judged:
    """``location`` is None unless the answer is a redirect; then it is the raw header, or empty."""

    outcome: Outcome
    exchange: Exchange | None = None
    content: bytes = b""
    location: bytes | None = None


async def judge(
    exchange: Exchange,
    failure: Outcome | None,
    *,
    conditional: bool,
    limits: Limits,
) -> Judged:
    """What an exchange is worth.

    ``failure`` is what went wrong on the wire. The status decides; a failure, a bad coding or a
    missing end only take away an ``OK``, because a 404 stays one when its body is cut.
    """
    if not exchange.status or (failure is not None and failure.reason in _FATAL):
        return Judged(failure or _NO_HEAD, exchange)
    if exchange.status in REDIRECTS:
        location = exchange.header("location")
        if location is not None or exchange.status != 300:
            return Judged(Outcome(Code.FAILED, "redirect"), exchange, location=location or b"")
    outcome = outcome_of(exchange, conditional=conditional)
    if failure is not None:
        return Judged(failure if outcome.code is Code.OK else outcome, exchange)
    found = await _decoded(exchange, limits)
    if found.problem:
        if found.problem == "truncated":
            exchange = replace(exchange, integrity="cut")
        if outcome.code is Code.OK:
            code = Code.QUARANTINE if found.problem in _UNUSABLE else Code.RETRY
            outcome = Outcome(code, found.problem, one_line(found.detail))
        return Judged(outcome, exchange)
    if exchange.integrity == "unknown":
        cut = "" if found.verified else looks_cut(found.content)
        if found.verified or cut:
            exchange = replace(exchange, integrity="cut" if cut else "whole")
        if cut and outcome.code is Code.OK:
            return Judged(Outcome(Code.RETRY, "truncated", cut), exchange)
    return Judged(outcome, exchange, found.content)


async def _decoded(exchange: Exchange, limits: Limits) -> Inflated:
    names = coding_names(exchange.head)
    if names and len(exchange.body) > _IN_THREAD:
        return await asyncio.to_thread(inflate, exchange.body, names, limits)
    return inflate(exchange.body, names, limits)


def coding_names(head: bytes) -> list[str]:
    """The codings of the body in the order applied: content codings, then transfer codings.

    ``chunked`` under another coding stays in the list: nobody can undo it, and the lengths between
    the chunks must not be read as numbers of a document.
    """
    return codings([applied_codings(head)])

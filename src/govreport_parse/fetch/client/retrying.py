"""Asking again, for reasons that pass."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import tenacity

from govreport_parse.errors import UsageError
from govreport_parse.fetch.client.session import Client, Kind
from govreport_parse.fetch.records import Answer, Code, Gate

Sleep = Callable[[float], Awaitable[None]]


async def get_with_retries(
    client: Client,
    url: str,
    *,
    attempts: int = 3,
    sleep: Sleep = asyncio.sleep,
    longest_wait: float = 60.0,
    gate: Gate | None = None,
    headers: Mapping[str, str] | None = None,
    kind: Kind = "page",
) -> Answer:
    """``client.get``, again while the outcome is ``RETRY``, or ``HOST_PARKED`` for a short while.

    At most ``attempts`` requests. Between them the seconds the server asked for, or else 1 to 2,
    2 to 4 ... (full jitter on top of the exponential), never more than ``longest_wait``: a server
    that asks for more is not asked again. The last answer is returned, whatever it is.
    """
    if attempts < 1:
        raise UsageError(
            f"attempts must be at least 1, not {attempts}", hint="1 is one request, never repeated"
        )
    backoff = tenacity.wait_exponential_jitter(initial=1, max=longest_wait, jitter=1)

    def wait(state: tenacity.RetryCallState) -> float:
        answer = _answer(state)
        asked = answer.outcome.retry_after
        return asked if asked is not None else min(backoff(state), longest_wait)

    def passes(answer: Answer) -> bool:
        outcome = answer.outcome
        if outcome.code is Code.RETRY:
            return True
        return outcome.code is Code.HOST_PARKED and (outcome.retry_after or 0) <= longest_wait

    retrying = tenacity.AsyncRetrying(
        stop=tenacity.stop_after_attempt(attempts),
        wait=wait,
        retry=tenacity.retry_if_result(passes),
        sleep=sleep,
        retry_error_callback=_answer,
        reraise=True,
    )
    result: Answer = await retrying(client.get, url, gate=gate, headers=headers, kind=kind)
    return result


def _answer(state: tenacity.RetryCallState) -> Answer:
    assert state.outcome is not None
    found: Answer = state.outcome.result()
    return found

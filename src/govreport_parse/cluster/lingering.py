"""Child processes that outlive a batch, in workers which know no end of a run.

Starting them costs half a second; so they wait for the next batch, for a while. These are the
workers of every executor but our own pool, whose processes keep theirs until they end: Dask's,
Parsl's, a pool of the caller's, threads of this process. Children end with their worker, however
that ends: by its finalizers, or since they see that it is gone.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.util import Finalize

LINGER = 60.0
"""Seconds for which they wait."""

ONE_AT_A_TIME = threading.Lock()
"""Dask may run several tasks in threads of one process; parsing is for one."""

_timers: list[threading.Timer] = []
_ended_with: set[int] = set()
"""Processes that end their children before they end."""


@contextmanager
def lingering(is_wanted: bool) -> Iterator[None]:
    """Child processes of this batch wait for the next one. Within ``ONE_AT_A_TIME``."""
    if not is_wanted:
        yield
        return
    from govreport_parse.workers import keep

    _cancel()
    _end_with_this_process()
    keep()
    try:
        yield
    finally:
        timer = threading.Timer(LINGER, let_go)
        timer.daemon = True
        timer.start()
        _timers.append(timer)


def _cancel() -> None:
    while _timers:
        _timers.pop().cancel()


def _end_with_this_process() -> None:
    from govreport_parse.workers import keep

    if os.getpid() not in _ended_with:
        _ended_with.add(os.getpid())
        Finalize(None, keep, (False,), exitpriority=10)


def let_go() -> None:
    """End them, unless a later batch has set a later time."""
    from govreport_parse.workers import keep

    with ONE_AT_A_TIME:
        if not any(timer is not threading.current_thread() for timer in _timers):
            keep(False)


def let_go_now() -> None:
    """End what waits in this process: the run whose batches it served is over.

    Nothing happens while a batch is under way here, which will set its own time.
    """
    from govreport_parse.workers import keep

    if _timers and ONE_AT_A_TIME.acquire(blocking=False):
        try:
            _cancel()
            keep(False)
        finally:
            ONE_AT_A_TIME.release()

"""Child processes that outlive a batch, in workers which know no end of a run (Dask's).

Starting them costs half a second; so they wait for the next batch, for a while.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

LINGER = 60.0
"""Seconds for which they wait."""

ONE_AT_A_TIME = threading.Lock()
"""Dask may run several tasks in threads of one process; parsing is for one."""

_timers: list[threading.Timer] = []


@contextmanager
def lingering(is_wanted: bool) -> Iterator[None]:
    """Child processes of this batch wait for the next one. Within ``ONE_AT_A_TIME``."""
    if not is_wanted:
        yield
        return
    from govreport_parse.workers import keep

    while _timers:
        _timers.pop().cancel()
    keep()
    try:
        yield
    finally:
        timer = threading.Timer(LINGER, let_go)
        timer.daemon = True
        timer.start()
        _timers.append(timer)


def let_go() -> None:
    """End them, unless a later batch has set a later time."""
    from govreport_parse.workers import keep

    with ONE_AT_A_TIME:
        if not any(timer is not threading.current_thread() for timer in _timers):
            keep(False)

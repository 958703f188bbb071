"""Executors: the standard library's processes, and a Dask scheduler by its address.

An ``Engine`` holds the executor of a run and makes it anew when it breaks. Dask, Parsl and others
are reached through ``concurrent.futures`` alone; this module is the only one that knows their
names, and none of their types or exceptions leaves it.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import time
from collections.abc import Callable, Mapping
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future, ProcessPoolExecutor
from multiprocessing.util import Finalize
from typing import Any

from govreport_parse.cluster.attempts import end_quietly
from govreport_parse.cluster.batch import run_batch
from govreport_parse.cluster.lingering import let_go_now
from govreport_parse.cluster.schedulers import ask, checked_address, no_scheduler
from govreport_parse.errors import GovReportError, NetworkError, UsageError

Make = Callable[[], Executor]
PATIENCE = 60.0
"""Seconds for an engine that was lost to come back."""
_ENGINES = ("distributed", "dask", "parsl", "tornado", "ipyparallel", "executorlib", "loky")
"""Packages whose exceptions tell of lost workers and connections, not of our batch."""


class Engine:
    """The executor of a run. ``generation`` grows whenever it is made anew."""

    def __init__(self, executor: Executor | Make | None, jobs: int | None) -> None:
        self._make: Make | None = None
        self._lingers = executor is not None
        self.own = not isinstance(executor, Executor)
        if isinstance(executor, Executor):
            self.executor = executor
        else:
            self._make = executor or (lambda: local_processes(jobs))
            self.executor = self._make()
        self.generation = 0
        self.jobs = jobs or workers_of(self.executor)

    def submit(self, task: Mapping[str, Any]) -> Future[dict[str, Any]]:
        """Have a batch done. A broken executor is replaced first."""
        while True:
            try:
                if self._lingers:
                    task = {**task, "lingers": True}
                return self.executor.submit(run_batch, task)
            except (BrokenExecutor, RuntimeError) as error:
                # RuntimeError: it was shut down, or its client lost the scheduler
                self.renew(error)

    def renew(self, why: BaseException) -> None:
        """Make the executor anew; ``GovReportError`` where it was the caller's or can't be made."""
        if self._make is None:
            raise GovReportError(
                f"the executor broke ({type(why).__name__}: {_line(why)})",
                hint="give a function that makes an executor: it is called again when one breaks; "
                "run the same command again to go on from the parts that are done",
                context={"reason": "executor_broken"},
            ) from why
        self.executor.shutdown(wait=False, cancel_futures=True)
        end = time.monotonic() + PATIENCE
        while True:
            try:
                self.executor = self._make()
            except NetworkError:
                if time.monotonic() > end:
                    raise
            else:
                self.generation += 1
                return

    def close(self) -> None:
        """End the executor unless it is the caller's, and what its batches have left here."""
        if self.own:
            self.executor.shutdown(wait=True, cancel_futures=True)
        let_go_now()


def is_lost(error: BaseException) -> bool:
    """Whether an error of a future tells of a lost worker, rather than of the batch."""
    home = type(error).__module__.partition(".")[0]
    return (
        isinstance(error, (BrokenExecutor, CancelledError, OSError, EOFError)) or home in _ENGINES
    )


def is_broken(error: BaseException) -> bool:
    """Whether the whole executor is gone, and not one worker."""
    return isinstance(error, (BrokenExecutor, CancelledError))


def _line(error: BaseException) -> str:
    return (str(error) or "no message").splitlines()[0][:200]


# -- the standard library's ------------------------------------------------------------------------


def local_processes(jobs: int | None = None) -> Executor:
    """A process pool on this machine; default: one process a processor."""
    # from 3.12 on Python warns of forking a process with threads, which Arrow has
    context = multiprocessing.get_context("forkserver" if sys.version_info >= (3, 12) else None)
    return ProcessPoolExecutor(jobs or processors(), context, initializer=_begin)


def _begin() -> None:
    """In a fresh process of the pool."""
    from govreport_parse.workers import keep

    end_quietly()
    keep()
    Finalize(None, keep, (False,), exitpriority=10)


def processors() -> int:
    """The processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def workers_of(executor: Executor) -> int:
    """How many batches an executor works on at once, as far as it tells; else our processors."""
    told = getattr(executor, "workers", None) or getattr(executor, "_max_workers", None)
    client: Any = getattr(executor, "_client", None)  # of Dask's own executor
    if hasattr(client, "nthreads"):
        told = len(client.nthreads())
    return told if isinstance(told, int) and told > 0 else processors()


# -- Dask ------------------------------------------------------------------------------------------


class DaskExecutor(Executor):
    """The workers of a Dask scheduler; the client is ours and closed with the executor."""

    def __init__(self, client: Any, workers: int) -> None:
        self.client = client
        self.workers = workers
        self._inner = client.get_executor(pure=False)

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Submit to any worker."""
        if self.client.status in ("closed", "closing"):
            raise BrokenExecutor("the connection to the scheduler is gone")
        future: Future[Any] = self._inner.submit(fn, *args, **kwargs)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: ARG002
        """Close the connection; the scheduler and its workers stay."""
        if self.client.status != "closed":
            self.client.close(timeout=5)


def dask_executor(address: str, timeout: float = 30.0) -> Executor:
    """The workers of the Dask scheduler at ``address`` (``tcp://10.0.0.1:8786``).

    Raises ``UsageError`` when Dask is not installed or the address is none, ``NetworkError`` when
    the scheduler does not answer or has no worker within ``timeout`` seconds. Dask's connections
    carry code and have no password: use TLS (``tls://``) or a network of your own.
    """
    try:
        from distributed import Client as DaskClient
    except ImportError as error:
        raise UsageError(
            "Dask is not installed", hint="pip install 'govreport_parse[dist]'"
        ) from error
    address = checked_address(address)
    ask(address, timeout)
    make: Any = DaskClient
    try:
        client = make(address, timeout=timeout, set_as_default=False)
    except (OSError, ValueError) as error:
        raise no_scheduler(address, error) from error
    try:
        client.wait_for_workers(1, timeout=timeout)
        threads = client.nthreads()
    except (OSError, TimeoutError) as error:
        client.close(timeout=5)
        raise no_scheduler(address, "it has no worker") from error
    return DaskExecutor(client, max(1, len(threads)))

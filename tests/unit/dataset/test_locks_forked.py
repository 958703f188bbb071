"""Locks end with the process that took them, though it has forked others that live on."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from govreport_parse.dataset import disk
from govreport_parse.errors import DatasetError
from govreport_parse.fetch.archive import disk as archive_disk


def take_dataset(folder: Path) -> None:
    held = disk.locked(folder)
    held.__enter__()
    _kept.append(held)


def take_archive(folder: Path) -> None:
    _kept.append(archive_disk.lock(folder))


_kept: list[object] = []


@pytest.mark.parametrize("take", [take_dataset, take_archive])
def test_a_worker_that_outlives_its_starter_holds_no_lock(
    tmp_path: Path, take: Callable[[Path], None]
) -> None:
    end, go_on = os.pipe()
    told, tell = os.pipe()
    holder = os.fork()
    if not holder:  # takes the lock, forks a worker, and is gone
        take(tmp_path)
        if not os.fork():
            os.close(go_on)
            os.write(tell, b"w")
            os.read(end, 1)  # until the test has looked
        else:
            os.read(told, 1)
            os.write(tell, b"h")
        os._exit(0)
    os.waitpid(holder, 0)
    assert os.read(told, 1) == b"h"
    try:
        with disk.locked(tmp_path):  # both kinds lock the same file
            pass
    finally:
        for fd in (end, go_on, told, tell):
            os.close(fd)


def test_while_the_holder_lives_nobody_else_gets_in(tmp_path: Path) -> None:
    with disk.locked(tmp_path):
        worker = os.fork()
        if not worker:
            os._exit(0)  # its copy of the descriptor is closed, the lock is not
        os.waitpid(worker, 0)
        with pytest.raises(DatasetError, match="another process writes"):
            disk.locked(tmp_path).__enter__()
        with pytest.raises(DatasetError, match="another harvest"):
            archive_disk.lock(tmp_path)

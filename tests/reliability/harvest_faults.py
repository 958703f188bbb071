"""Faults in the order of things, planted into archive and state by replacing their functions."""

from __future__ import annotations

import gzip
import hashlib
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from harvest_site import address

from govreport_parse.errors import DatasetError
from govreport_parse.fetch.archive import Archive, SegmentEnd, disk
from govreport_parse.fetch.records import Exchange
from govreport_parse.fetch.state import Done, State, recording, store


def no_truncation_on_restart() -> None:
    store.mend = lambda connection, folder: []  # type: ignore[assignment]


def row_before_bytes() -> None:
    """The bytes go to the file only after the state's commit."""
    waiting: list[tuple[int, bytes, Path]] = []
    real_append, real_record = disk.append, State.record

    def append(fd: int, data: bytes, path: Path) -> None:
        waiting.append((os.dup(fd), data, path))

    def record(self: State, batch: Sequence[Done], ends: Sequence[SegmentEnd], **more: Any) -> None:
        real_record(self, batch, ends, **more)
        for fd, data, path in waiting:
            real_append(fd, data, path)
            os.close(fd)
        waiting.clear()

    disk.append = append
    State.record = record  # type: ignore[method-assign]
    Archive._read_back = lambda self: None  # type: ignore[method-assign]


def no_fsync_before_commit() -> None:
    disk.sync = lambda fd, path: None


def new_name_without_folder_fsync() -> None:
    disk.sync_folder = lambda path: None


def offset_one_record_off() -> None:
    real = Archive._stored

    def stored(self: Archive, group: Any) -> Any:
        right = real(self, group)
        return replace(right, offset=right.offset + len(group.members[0]))

    Archive._stored = stored  # type: ignore[method-assign]


def hash_of_the_decoded_body() -> None:
    real = Archive.append

    def append(self: Archive, exchange: Exchange, **more: Any) -> Any:
        right = real(self, exchange, **more)
        if exchange.header("content-encoding") == b"gzip":
            digest = hashlib.sha256(gzip.decompress(exchange.body)).hexdigest()
            return replace(right, sha256=digest)
        return right

    Archive.append = append  # type: ignore[method-assign]


def done_before_it_reads_back() -> None:
    a_disk_that_drops_a_write()
    Archive._read_back = lambda self: None  # type: ignore[method-assign]


def appended_twice_on_retry() -> None:
    real = Archive.append

    def append(self: Archive, exchange: Exchange, **more: Any) -> Any:
        if exchange.url == address(5) and exchange.status == 200:
            real(self, exchange, **more)
        return real(self, exchange, **more)

    Archive.append = append  # type: ignore[method-assign]


def manifest_before_data() -> None:
    """The segments' ends are committed before the rows that need them."""
    real = State.record

    def record(self: State, batch: Sequence[Done], ends: Sequence[SegmentEnd], **more: Any) -> None:
        with self._writing():
            recording.save_ends(self._connection, ends)
        real(self, batch, ends, **more)

    State.record = record  # type: ignore[method-assign]


def lock_by_pid_file() -> None:
    def lock(folder: Path) -> int:
        path = folder / "pid"
        try:
            fd = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY)
        except FileExistsError:
            raise DatasetError("another harvest is running") from None
        owned.append(path)
        return fd

    owned: list[Path] = []
    real = State.close

    def close(self: State) -> None:
        real(self)
        for path in owned:
            path.unlink(missing_ok=True)

    disk.lock = lock
    State.close = close  # type: ignore[method-assign]


def data_before_manifest() -> None:
    """The rows are committed before the ends, which would have them cut away."""
    real_ends, real_record = recording.save_ends, State.record

    def record(self: State, batch: Sequence[Done], ends: Sequence[SegmentEnd], **more: Any) -> None:
        recording.save_ends = lambda connection, ends: None
        real_record(self, batch, ends, **more)
        recording.save_ends = real_ends
        with self._writing():
            recording.save_ends(self._connection, ends)

    State.record = record  # type: ignore[method-assign]


def links_after_the_page() -> None:
    real = State.record

    def record(self: State, batch: Sequence[Done], ends: Sequence[SegmentEnd], **more: Any) -> None:
        real(self, [replace(done, found=()) for done in batch], ends, **more)
        for done in batch:
            self.push(done.found)

    State.record = record  # type: ignore[method-assign]


FAULTS = {
    fault.__name__: fault
    for fault in (
        no_truncation_on_restart,
        row_before_bytes,
        no_fsync_before_commit,
        new_name_without_folder_fsync,
        offset_one_record_off,
        hash_of_the_decoded_body,
        done_before_it_reads_back,
        appended_twice_on_retry,
        manifest_before_data,
        lock_by_pid_file,
        data_before_manifest,
        links_after_the_page,
    )
}


def a_disk_that_drops_a_write() -> None:
    """No fault of ours: it says that it wrote, but holds zeros."""
    real = disk.append
    count = [0]

    def append(fd: int, data: bytes, path: Path) -> None:
        count[0] += 1
        real(fd, b"\0" * len(data) if count[0] == 4 else data, path)

    disk.append = append

"""The few file operations by which a dataset changes, each of them durable and in one place.

Everything a writer does to the disk goes through here, so that a test can stop it before any step
(``step``) and see what a reader then finds. Errors of the system leave as ``DatasetError``.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa

from govreport_parse.errors import DatasetError

LOCK = ".lock"
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:/")
"""As a path shows ``s3://bucket``; a drive has one letter."""
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def step(what: str, path: Path) -> None:
    """Called before each operation that changes the disk. Does nothing; tests replace it."""


def sync_file(path: Path) -> None:
    """Wait until the bytes of a file are on the disk."""
    step("fsync", path)
    _sync(path, os.O_RDWR)


def sync_folder(path: Path) -> None:
    """Wait until the names in a folder are on the disk."""
    step("fsync", path)
    _sync(path, os.O_RDONLY | os.O_DIRECTORY)


def _sync(path: Path, flags: int) -> None:
    fd = os.open(path, flags | os.O_NOFOLLOW)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def rename(old: Path, new: Path) -> None:
    """Rename within one file system, replacing what was there."""
    step("rename", new)
    old.replace(new)


def remove(path: Path) -> None:
    """Remove a file, or a folder with all that is in it; a link is removed, not followed."""
    step("remove", path)
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def make_folder(path: Path) -> None:
    """Make a folder and those above it; a link in its place, and an address, are refused."""
    if _ADDRESS.match(str(path)) and not path.is_dir():
        raise DatasetError(
            f"{str(path)!r} is an address, not a folder",
            hint="a dataset is written to a folder of this machine; copy it to the store when it "
            "is done, or mount the store",
            context={"path": str(path)},
        )
    if path.is_symlink():
        raise DatasetError(
            f"{str(path)!r} is a link, not a folder",
            hint="a dataset lies in one folder; remove the link",
            context={"path": str(path)},
        )
    if not path.is_dir():
        step("mkdir", path)
        path.mkdir(parents=True, exist_ok=True)


def write_new(path: Path, data: bytes) -> None:
    """Write a file that must not be there yet, and sync it."""
    step("write", path)
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o666)
    with open(fd, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's bytes, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the folder's writer lock; ``DatasetError`` at once when another writer has it.

    The lock is the kernel's and ends with the process, whoever it forked: no stale lock is left.
    """
    fd = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(fd)
        raise DatasetError(
            f"another process writes to {str(folder)!r}",
            hint="wait until it is done; readers are not disturbed",
            context={"folder": str(folder)},
        ) from None
    except OSError:
        os.close(fd)
        raise
    _held.add(fd)
    try:
        yield
    finally:
        if fd in _held:
            _held.remove(fd)
            os.close(fd)


_held: set[int] = set()
"""Descriptors of the locks of this process."""


def _let_go() -> None:
    """A forked worker has no part in the lock: it may outlive, for a moment, who holds it."""
    while _held:
        os.close(_held.pop())


os.register_at_fork(after_in_child=_let_go)


@contextmanager
def system_errors(folder: Path, doing: str) -> Iterator[None]:
    """Errors of the system and of Arrow as ``DatasetError``."""
    try:
        yield
    except (OSError, pa.ArrowException) as error:
        if isinstance(error, DatasetError):
            raise
        number = getattr(error, "errno", None)
        full = number in _FULL
        reason = "the disk is full" if number == errno.ENOSPC else _reason(error)
        raise DatasetError(
            f"cannot {doing} {str(folder)!r}: {reason}",
            hint="make room and run it again; the dataset is as it was before"
            if full
            else "check that the folder exists, may be used and holds whole files",
            context={"folder": str(folder), "errno": number},
        ) from error


def _reason(error: BaseException) -> str:
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return str(text).splitlines()[0][:300]

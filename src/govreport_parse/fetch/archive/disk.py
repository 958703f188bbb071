"""The few file operations by which a harvest folder changes, each of them in one place.

``step`` is called before each, so that a test can stop the writer there. Files and folders belong
to their owner alone (0600, 0700); no link is followed and no file with a second name is written to,
because another user's link in the folder would let him choose what we overwrite.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from govreport_parse.errors import DatasetError

LOCK = ".lock"
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:/")
"""As a path shows ``s3://bucket``; a drive has one letter."""
_CHUNK = 1 << 20
NETWORK_SYSTEMS = frozenset(("nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "ncpfs", "fuse.sshfs"))
"""File systems on which locks or shared memory can't be relied on."""
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_MOUNTS = Path("/proc/self/mountinfo")


def step(what: str, path: Path) -> None:
    """Called before each operation that changes the disk. Does nothing; tests replace it."""


def make_folder(path: Path) -> None:
    """A folder of our own (0700); a link in its place, and an address, are refused."""
    if _ADDRESS.match(str(path)) and not path.is_dir():
        raise DatasetError(
            f"{str(path)!r} is an address, not a folder",
            hint="a harvest lies in a folder of this machine",
            context={"path": str(path)},
        )
    if path.is_symlink():
        raise DatasetError(
            f"{str(path)!r} is a link, not a folder",
            hint="a harvest lies in one folder; name the folder itself",
            context={"path": str(path)},
        )
    if path.is_dir():
        return
    file = next((p for p in (path, *path.parents) if p.exists() and not p.is_dir()), None)
    if file is not None:
        raise DatasetError(
            f"{str(file)!r} is a file, not a folder",
            hint="a harvest lies in a folder of its own",
            context={"path": str(path)},
        )
    step("mkdir", path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.mkdir(mode=0o700, exist_ok=True)
    sync_folder(path.parent)


def create(path: Path) -> int:
    """A new file open for writing (0600); what is there already is an error."""
    step("create", path)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    return os.open(path, flags, 0o600)


def open_own(path: Path, flags: int) -> int:
    """An existing plain file with this one name. ``DatasetError`` for a link or anything else."""
    try:
        fd = os.open(path, flags | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENXIO):
            raise _planted(path) from error
        raise
    found = os.fstat(fd)
    if not stat.S_ISREG(found.st_mode) or found.st_nlink != 1:
        os.close(fd)
        raise _planted(path)
    return fd


def check_own(path: Path) -> None:
    """Before a library opens ``path`` by name: nothing, or a plain file with this one name."""
    try:
        found = os.lstat(path)
    except FileNotFoundError:
        return
    if not stat.S_ISREG(found.st_mode) or found.st_nlink != 1:
        raise _planted(path)


def _planted(path: Path) -> DatasetError:
    return DatasetError(
        f"{str(path)!r} is a link or no plain file",
        hint="someone put it there; remove it, or use a folder of your own",
        context={"path": str(path)},
    )


def append(fd: int, data: bytes, path: Path) -> None:
    """Write all of ``data`` at the file's position."""
    step("write", path)
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]


def truncate(fd: int, length: int, path: Path) -> None:
    """Cut a file and go to its end."""
    step("truncate", path)
    os.ftruncate(fd, length)
    os.lseek(fd, length, os.SEEK_SET)


def sync(fd: int, path: Path) -> None:
    """Wait until the bytes of an open file are on the disk."""
    step("fsync", path)
    os.fsync(fd)


def sync_folder(path: Path) -> None:
    """Wait until the names in a folder are on the disk."""
    step("fsync_folder", path)
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def remove(path: Path) -> None:
    """Remove a file or a link."""
    step("remove", path)
    path.unlink(missing_ok=True)


def sha256_of(fd: int, offset: int, length: int) -> str:
    """SHA-256, in hex, of a stretch of an open file, or of what there is of it."""
    seen = hashlib.sha256()
    while length > 0:
        data = os.pread(fd, min(length, _CHUNK), offset)
        if not data:
            break
        seen.update(data)
        offset, length = offset + len(data), length - len(data)
    return seen.hexdigest()


def lock(folder: Path) -> int:
    """The folder's writer lock, held until the descriptor is closed.

    ``DatasetError`` at once (context ``reason`` = ``in_use``) when another process has it. The lock
    is the kernel's and ends with the process, whoever it forked: no stale lock is ever left.
    """
    path = folder / LOCK
    check_own(path)
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(fd)
        raise DatasetError(
            f"another harvest is running in {str(folder)!r}",
            hint="wait until it is done, or stop it; `govreport status` may be used meanwhile",
            context={"folder": str(folder), "reason": "in_use"},
        ) from None
    except OSError:
        os.close(fd)
        raise
    _locks[fd] = os.fstat(fd)
    return fd


_locks: dict[int, os.stat_result] = {}
"""Descriptors of the locks that this process has taken, closed or not."""


def _let_go() -> None:
    """A forked worker has no part in the locks: it may outlive, for a moment, who holds them."""
    while _locks:
        fd, file = _locks.popitem()
        with suppress(OSError):
            if os.path.samestat(os.fstat(fd), file):
                os.close(fd)


os.register_at_fork(after_in_child=_let_go)


def check_file_system(folder: Path) -> None:
    """``DatasetError`` when the folder lies on a network file system (Linux; else no check)."""
    kind = file_system(folder)
    if kind in NETWORK_SYSTEMS:
        raise DatasetError(
            f"{str(folder)!r} lies on a network file system ({kind})",
            hint="harvest into a folder on a local disk and copy it when it is done",
            context={"folder": str(folder), "file_system": kind},
        )


def file_system(folder: Path) -> str:
    """The kind of file system, as in ``/proc/self/mountinfo``; empty when it can't be told."""
    try:
        lines = _MOUNTS.read_text("utf-8", "replace").splitlines()
        device = os.stat(folder).st_dev
    except OSError:
        return ""
    wanted = f"{os.major(device)}:{os.minor(device)}"
    for line in lines:
        left, _, right = line.partition(" - ")
        fields = left.split()
        if len(fields) > 2 and fields[2] == wanted and right:
            return right.split()[0]
    return ""


@contextmanager
def system_errors(folder: Path, doing: str) -> Iterator[None]:
    """Errors of the system as ``DatasetError`` with the number in the context."""
    try:
        yield
    except OSError as error:
        raise system_error(error, folder, doing) from error


def system_error(error: OSError, folder: Path, doing: str) -> DatasetError:
    """``DatasetError`` for an error of the system; ``reason`` is ``disk_full`` or ``disk``."""
    full = error.errno in _FULL
    told = "the disk is full" if full else str(error.strerror or error).splitlines()[0][:300]
    return DatasetError(
        f"cannot {doing} {str(folder)!r}: {told}",
        hint="make room and run the same command again; nothing is lost"
        if full
        else "check that the folder exists and may be written to",
        context={
            "folder": str(folder),
            "errno": error.errno,
            "reason": "disk_full" if full else "disk",
        },
    )

"""The writer of the archive: segments that only grow, and whose bytes are safe before they count.

    stored = archive.append(exchange)     # bytes handed to the system
    ends = archive.sync()                 # ... on the disk, and read back
    state.record(batch, ends)             # now they count

What lies behind the last end that the state knows is cut away when the harvest is opened again.
"""

from __future__ import annotations

import datetime
import hashlib
import os
import re
import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from govreport_parse.errors import DatasetError
from govreport_parse.fetch.archive import disk
from govreport_parse.fetch.archive.records import Extra, Group, Original, group_of, info_member
from govreport_parse.fetch.records import Exchange

FOLDER = "archive"
"""Where the segments lie in a harvest folder."""
SEGMENT_BYTES = 1 << 30
_NAME = re.compile(r"govreport-[0-9]{5,9}\.warc\.gz")
Clock = Callable[[], datetime.datetime]


@dataclass(frozen=True, slots=True)
class SegmentEnd:
    """How far a segment is known to be whole.

    ``info_length`` and ``info_sha256`` are of the warcinfo record that it starts with.
    """

    name: str
    length: int
    info_length: int
    info_sha256: str


@dataclass(frozen=True, slots=True)
class Stored:
    """Where an exchange lies.

    ``segment``, ``offset``, ``length``: the record that holds its payload, which is an older one's
    when the payload had come before (``revisit``); ``sha256``: of that payload, its content coding
    kept. ``span_*``: all records of this exchange, in one piece; ``digest``: SHA-256 of these
    bytes. ``size``: bytes of the body that came.
    """

    segment: str
    offset: int
    length: int
    sha256: str
    size: int
    revisit: bool
    span_segment: str
    span_offset: int
    span_length: int
    digest: str


def segment_name(number: int) -> str:
    """The plain file name of a segment."""
    return f"govreport-{number:05d}.warc.gz"


def segment_path(folder: Path, name: str) -> Path:
    """The path of a segment. ``DatasetError`` for a name that is not one of ours."""
    if not _NAME.fullmatch(name):
        raise DatasetError(
            f"{name[:80]!r} is no name of an archive segment",
            hint="the state file is damaged; rebuild it from the archive",
            context={"segment": name[:200]},
        )
    return folder / FOLDER / name


def segment_names(folder: Path) -> list[str]:
    """The segments that lie in a harvest folder, oldest first."""
    try:
        found = os.listdir(folder / FOLDER)
    except (FileNotFoundError, NotADirectoryError):
        return []
    names = [name for name in found if _NAME.fullmatch(name)]
    return sorted(names, key=lambda name: (len(name), name))


class Archive:
    """Appends exchanges to new segments of a harvest folder. One writer at a time.

    ``seen`` finds the record of a payload by its SHA-256 (``state.original``). ``info``: fields of
    the warcinfo record (software, operator, robots ...). ``clock`` gives an aware ``datetime``.
    ``first``: the least number of a new segment. ``state.open_archive`` sets all that is needed.
    Safe to be used from several threads; ``sync`` holds the others up.
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        *,
        clock: Clock,
        seen: Callable[[str], Original | None] = lambda _: None,
        segment_bytes: int = SEGMENT_BYTES,
        info: Mapping[str, str] | None = None,
        first: int = 1,
    ) -> None:
        self.folder = Path(folder)
        self._clock = clock
        self._seen = seen
        self._most = segment_bytes
        self._info = dict(info or {})
        self._first = first
        self._lock = threading.RLock()
        self._fresh: dict[str, Original] = {}
        self._pending: list[Stored] = []
        self._ends: dict[str, SegmentEnd] = {}
        self._changed: set[str] = set()
        self._broken = ""
        self._fd = -1
        self._name = ""
        self._at = 0
        self._info_id = ""
        self._new_name = False
        with self._system_errors("open the archive in"):
            disk.make_folder(self.folder)
            disk.make_folder(self.folder / FOLDER)

    def append(
        self,
        exchange: Exchange,
        *,
        extra: Extra | None = None,
        unmodified: Original | None = None,
    ) -> Stored:
        """Write one exchange; it counts only after ``sync`` and the state's commit.

        ``extra``: fields of the metadata record. ``unmodified``: the older answer that a 304 stands
        for. Raises ``DatasetError`` when the disk refuses (what was begun is taken back) and
        ``UsageError`` for an address with control characters.
        """
        with self._lock, self._system_errors("write to the archive in"):
            self._check_open()
            if self._fd < 0 or self._at >= self._most:
                self._next_segment()
            not_modified = exchange.status == 304 and unmodified is not None
            sha256 = hashlib.sha256(exchange.body).hexdigest()
            original = unmodified if not_modified else self._original(exchange, sha256)
            group = group_of(
                exchange, extra or {}, info_id=self._info_id, original=original,
                not_modified=not_modified, sha256=sha256,
            )  # fmt: skip
            self._put(group)
            stored = self._stored(group)
            self._pending.append(stored)
            self._changed.add(self._name)
            if exchange.body and original is None:
                self._fresh[stored.sha256] = Original(
                    exchange.url, exchange.started, stored.sha256,
                    stored.segment, stored.offset, stored.length,
                )  # fmt: skip
            return stored

    def _original(self, exchange: Exchange, sha256: str) -> Original | None:
        if not exchange.body or not exchange.head:
            return None
        return self._fresh.get(sha256) or self._seen(sha256)

    def _stored(self, group: Group) -> Stored:
        whole = hashlib.sha256()
        for member in group.members:
            whole.update(member)
        start = self._at - group.length
        home = group.original
        return Stored(
            segment=home.segment if home else self._name,
            offset=home.offset if home else start,
            length=home.length if home else len(group.members[0]),
            sha256=group.sha256,
            size=group.size,
            revisit=home is not None,
            span_segment=self._name,
            span_offset=start,
            span_length=group.length,
            digest=whole.hexdigest(),
        )

    def _put(self, group: Group) -> None:
        """All records of an exchange behind the last one, or nothing."""
        path = self._path()
        try:
            for member in group.members:
                disk.append(self._fd, member, path)
        except OSError:
            self._broken = "a failed write could not be taken back"
            disk.truncate(self._fd, self._at, path)
            self._broken = ""
            raise
        self._at += group.length

    # -- making it safe ----------------------------------------------------------------------------

    def sync(self) -> tuple[SegmentEnd, ...]:
        """Wait until everything appended is on the disk, and read it back.

        Returns the ends of the segments that grew since the last call, for the state's commit.
        After a ``DatasetError`` nothing more can be appended: the system may have dropped what it
        could not write, so the folder must be opened again.
        """
        with self._lock, self._system_errors("save the archive in"):
            self._check_open()
            if not self._changed:
                return ()
            self._broken = "an earlier save failed"
            if self._fd >= 0:
                disk.sync(self._fd, self._path())
            if self._new_name:
                disk.sync_folder(self.folder / FOLDER)
                self._new_name = False
            self._read_back()
            if self._fd >= 0:
                self._mark_end()
            ends = tuple(self._ends[name] for name in sorted(self._changed))
            self._pending.clear()
            self._fresh.clear()
            self._changed.clear()
            self._broken = ""
            return ends

    def _read_back(self) -> None:
        """A page is done only if its records read back as they were written."""
        for name in sorted({stored.span_segment for stored in self._pending}):
            fd = disk.open_own(segment_path(self.folder, name), os.O_RDONLY)
            try:
                for stored in self._pending:
                    if stored.span_segment == name:
                        self._check(fd, stored)
            finally:
                os.close(fd)

    def _check(self, fd: int, stored: Stored) -> None:
        if disk.sha256_of(fd, stored.span_offset, stored.span_length) != stored.digest:
            raise DatasetError(
                f"what was written to {stored.span_segment} at {stored.span_offset:,} does not "
                "read back",
                hint="the disk may be failing; check it, then run the same command again",
                context={"segment": stored.span_segment, "offset": stored.span_offset},
            )

    def _mark_end(self) -> None:
        old = self._ends[self._name]
        self._ends[self._name] = SegmentEnd(self._name, self._at, old.info_length, old.info_sha256)

    # -- segments ----------------------------------------------------------------------------------

    def _next_segment(self) -> None:
        """A segment of this run's own: its first record says who ran it and how."""
        self._leave_segment()
        there = map(number_of, {*self._ends, *segment_names(self.folder)})
        number = max(self._first, 1 + max(there, default=0))
        name = segment_name(number)
        path = segment_path(self.folder, name)
        member, info_id = info_member(name, self._clock(), self._info)
        fd = disk.create(path)
        try:
            disk.append(fd, member, path)
        except OSError:
            os.close(fd)
            disk.remove(path)
            raise
        self._fd, self._name, self._at, self._info_id = fd, name, len(member), info_id
        self._new_name = True
        digest = hashlib.sha256(member).hexdigest()
        self._ends[name] = SegmentEnd(name, len(member), len(member), digest)

    def _leave_segment(self) -> None:
        if self._fd < 0:
            return
        self._broken = "an earlier save failed"
        disk.sync(self._fd, self._path())
        self._mark_end()
        os.close(self._fd)
        self._fd = -1
        self._broken = ""

    def _path(self) -> Path:
        return segment_path(self.folder, self._name)

    def _check_open(self) -> None:
        if self._broken:
            raise DatasetError(
                f"the archive in {str(self.folder)!r} takes nothing more: {self._broken}",
                hint="run the same command again; it goes on from the last saved page",
                context={"folder": str(self.folder), "reason": "archive_broken"},
            )

    def _system_errors(self, doing: str) -> AbstractContextManager[None]:
        return disk.system_errors(self.folder, doing)

    def close(self) -> None:
        """Close the file. What was not synced and committed is cut when the folder is opened."""
        with self._lock:
            if self._fd >= 0:
                os.close(self._fd)
                self._fd = -1
            self._broken = self._broken or "it is closed"

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def number_of(name: str) -> int:
    """The number of a segment, from its name."""
    return int(name.removeprefix("govreport-").partition(".")[0])

"""Files of a collection as unpacked bytes: what they are by their first bytes, and their lines.

Packed files that are cut or damaged give what was read before, and the tally is told.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Literal

import pyarrow as pa

from govreport_parse.errors import UnsupportedFormatError
from govreport_parse.mining.blocks import Tally

Packing = Literal["gzip", "zstd", "bzip2", "xz", "zip", "parquet", "arrow", "plain", "empty"]
_STEP = 1 << 20
_MAGIC: tuple[tuple[bytes, Packing], ...] = (
    (b"\x1f\x8b", "gzip"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"PK\x03\x04", "zip"),
    (b"PAR1", "parquet"),
    (b"ARROW1", "arrow"),
)
_SKIPPABLE = range(0x50, 0x60)
"""First bytes of a zstd frame that holds something else, such as a dictionary."""


def magic_of(path: Path) -> Packing:
    """What a file is by its first bytes."""
    with path.open("rb") as file:
        start = file.read(16)
    if not start:
        return "empty"
    if len(start) > 3 and start[0] in _SKIPPABLE and start[1:4] == b"\x2a\x4d\x18":
        return "zstd"
    return next((kind for magic, kind in _MAGIC if start.startswith(magic)), "plain")


@contextmanager
def unpacked(path: Path, kind: Packing) -> Iterator[IO[bytes] | Any]:
    """A file's unpacked bytes as a stream with ``read``. ``UnsupportedFormatError``: can't be."""
    if kind == "zstd":
        _check_zstd(path)
        with pa.input_stream(str(path), compression="zstd") as stream:
            yield stream
        return
    opener: Any = {"gzip": gzip.open, "bzip2": bz2.open, "xz": lzma.open}.get(kind, open)
    with opener(path, "rb") as stream:
        yield stream


class Section:
    """The bytes of an uncompressed file from ``start`` up to ``end``; of whole lines, as a rule."""

    def __init__(self, file: IO[bytes], start: int, end: int) -> None:
        self._file = file
        self._left = end - start
        file.seek(start)

    def read(self, size: int) -> bytes:
        """At most ``size`` bytes; none at the end."""
        data = self._file.read(min(size, self._left))
        self._left -= len(data)
        return data


@contextmanager
def section(path: Path, start: int, end: int) -> Iterator[Section]:
    """A section of an uncompressed file as a stream with ``read``."""
    with path.open("rb") as file:
        yield Section(file, start, end)


def _check_zstd(path: Path) -> None:
    with path.open("rb") as file:
        start = file.read(1)[0]
    if start in _SKIPPABLE:
        raise UnsupportedFormatError(
            f"{path.name} is compressed with a dictionary of its own",
            hint="unpack it with the zstd program, or rewrite it as .warc.gz",
        )
    if not pa.Codec.is_available("zstd"):
        raise UnsupportedFormatError(
            f"{path.name} is compressed with zstd, which this build of pyarrow lacks",
            hint="unpack it with the zstd program, or install pyarrow with zstd",
        )


def pieces(stream: Any, name: str, tally: Tally) -> Iterator[bytes]:
    """The bytes of a stream in pieces of a MiB; a damaged end is told and is the end."""
    while True:
        try:
            piece = stream.read(_STEP)
        except (OSError, EOFError, zlib.error, lzma.LZMAError, pa.ArrowException) as error:
            tally.damage(name, "", f"the packed file is cut or damaged: {error}")
            return
        if not piece:
            return
        yield bytes(piece)


def line_blocks(
    stream: Any, name: str, tally: Tally, *, size: int, longest: int, mark: bytes = b"\n"
) -> Iterator[bytes]:
    """Whole lines, about ``size`` bytes at once; the last line gets its line end.

    Lines over ``longest`` bytes are counted and become empty ones. ``mark``: what ends a line;
    where it is not a plain line end, carriage returns are left out.
    """
    parts: list[bytes] = []
    held = 0
    is_dropping = False
    for piece in pieces(stream, name, tally):
        data = piece if mark == b"\n" else piece.replace(b"\r", b"")
        if is_dropping:
            end = data.find(mark)
            if end < 0:
                continue
            data = data[end:]  # the line end stays, so that lines after it keep their numbers
            is_dropping = False
        parts.append(data)
        held += len(data)
        if held < size:
            continue
        whole = b"".join(parts)
        end = whole.rfind(mark)
        if end >= 0:
            yield whole[: end + len(mark)]
            whole = whole[end + len(mark) :]
        if len(whole) > longest:
            tally.skipped["document too large"] += 1
            is_dropping, whole = True, b""
        parts, held = [whole], len(whole)
    rest = b"".join(parts)
    if rest:
        yield rest if rest.endswith(mark) else rest + mark

"""Opening a harvest folder: for its one writer, or for looking."""

from __future__ import annotations

import os
from pathlib import Path

from govreport_parse.errors import DatasetError
from govreport_parse.fetch.archive import disk, segment_names
from govreport_parse.fetch.archive.write import Clock
from govreport_parse.fetch.state.schema import (
    FILE,
    connect_reader,
    connect_writer,
    database_errors,
)
from govreport_parse.fetch.state.store import State


def open_state(folder: str | os.PathLike[str], clock: Clock) -> State:
    """Open a harvest folder for writing, made if it is not there; ``repairs`` says what was mended.

    ``clock`` gives an aware ``datetime``. Raises ``DatasetError``: context ``reason`` is ``in_use``
    (another harvest has it), ``state_missing`` (an archive without its state file),
    ``state_damaged``, ``state_old``, ``disk_full``; or the file is from a newer version.
    """
    root = Path(folder)
    with database_errors(root):
        disk.make_folder(root)
        disk.check_file_system(root)
        lock = disk.lock(root)
        try:
            _check_archive_has_state(root)
            connection = connect_writer(root / FILE)
            try:
                return State(root, clock, connection, lock)
            except BaseException:  # nobody else knows of the connection; raised again
                connection.close()
                raise
        except BaseException:  # ctrl-C, too, must leave the folder free for the next; raised again
            os.close(lock)
            raise


def open_state_readonly(folder: str | os.PathLike[str], clock: Clock) -> State:
    """Open for looking only, also while a harvest runs. Nothing is mended or written.

    Raises ``DatasetError`` where there is no harvest.
    """
    root = Path(folder)
    path = root / FILE
    if not path.is_file():
        raise DatasetError(
            f"{str(root)!r} holds no harvest",
            hint="name the folder that was given to the harvest",
            context={"folder": str(root)},
        )
    with database_errors(root):
        return State(root, clock, connect_reader(path), None)


def _check_archive_has_state(folder: Path) -> None:
    """An archive whose state file is gone must not be taken for one that never counted."""
    if not (folder / FILE).exists() and segment_names(folder):
        raise DatasetError(
            f"{str(folder)!r} holds an archive but no state file",
            hint="rebuild the state from the archive",
            context={"folder": str(folder), "reason": "state_missing"},
        )

"""Checking a whole harvest folder: the state file's own order, then every archived byte."""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path

from govreport_parse.errors import DatasetError
from govreport_parse.fetch.archive import Problem, verify_archive
from govreport_parse.fetch.state import views
from govreport_parse.fetch.state.schema import FILE, connect_reader, database_errors


def verify_harvest(folder: str | os.PathLike[str]) -> list[Problem]:
    """All that is wrong with a harvest folder; also while a harvest runs in it.

    Pages that are known to be lost already are not told again. Raises ``DatasetError`` where there
    is no harvest, or when the state file can't be read at all (it can be rebuilt).
    """
    root = Path(folder)
    if not (root / FILE).is_file():
        raise DatasetError(
            f"{str(root)!r} holds no harvest",
            hint="name the folder that was given to the harvest",
            context={"folder": str(root)},
        )
    with database_errors(root), closing(connect_reader(root / FILE)) as reader:
        # One moment for all that is asked, whatever is being recorded meanwhile.
        reader.execute("BEGIN")
        told = [text for (text,) in reader.execute("PRAGMA integrity_check(20)") if text != "ok"]
        problems = [Problem(FILE, 0, "", text.splitlines()[0][:300]) for text in told]
        return problems + verify_archive(root, views.spans(reader), views.segments(reader))

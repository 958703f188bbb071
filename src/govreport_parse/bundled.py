"""Reports bundled for the first run: invented organs, real layouts, no network needed.

Six files in ``data/samples``: a county's page (UTF-8), a bureau's page exported by Word (GB18030
under a label that says UTF-8), a mirrored text (pipes, traditional script, pinyin glosses), a page
of the 2019 form with blank cells, a hybrid of both forms whose table 4 breaks its own sums, and a
text whose digits run together.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path

from govreport_parse.parsing import parse
from govreport_parse.report import Report
from govreport_parse.source import Source

_FOLDER = "data/samples"


def samples() -> list[Report]:
    """The bundled reports, parsed."""
    return [parse(source) for source in sample_sources()]


def sample_sources() -> list[Source]:
    """The bundled documents as they are."""
    folder = resources.files("govreport_parse").joinpath(_FOLDER)
    files = sorted(
        (f for f in folder.iterdir() if not f.name.startswith(".")), key=lambda f: f.name
    )
    return [Source(f.read_bytes(), f.name) for f in files]


@contextmanager
def sample_paths() -> Iterator[list[Path]]:
    """The bundled documents as files, for the time of a ``with`` block."""
    folder = resources.files("govreport_parse").joinpath(_FOLDER)
    with resources.as_file(folder) as path:
        yield sorted(p for p in path.iterdir() if p.is_file())

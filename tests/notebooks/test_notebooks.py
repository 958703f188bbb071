"""Every notebook runs from its first cell to its last, and is stored without outputs."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
NAMES = [path.name for path in NOTEBOOKS]
CHARTS = {"01": 1, "02": 5, "03": 1}
"""Pictures in a notebook, by its number."""


@pytest.fixture
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Folders of its own for what Jupyter and matplotlib keep; nothing is signed in CI."""
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    monkeypatch.setenv("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    with warnings.catch_warnings():
        # Jupyter's client and its event loop are not ours to mend.
        warnings.simplefilter("ignore")
        yield


def executed(path: Path, where: Path) -> Any:
    for tries in (1, 2, 3):
        book = nbformat.read(path, as_version=4)
        client = NotebookClient(
            book,
            timeout=600,
            startup_timeout=300,
            kernel_name="python3",
            resources={"metadata": {"path": str(where)}},
        )
        try:
            return client.execute()
        except RuntimeError as error:
            # its free ports were taken by another test before the kernel asked for them
            if tries == 3 or "died before replying" not in str(error):
                raise
    raise AssertionError("unreachable")


def outputs(book: Any) -> list[Any]:
    return [output for cell in book.cells for output in cell.get("outputs", [])]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=NAMES)
def test_a_notebook_runs_and_complains_about_nothing(
    path: Path, tmp_path: Path, clean: None
) -> None:
    work = tmp_path / "work"
    work.mkdir()
    found = outputs(executed(path, work))
    complaints = [o.text for o in found if o.output_type == "stream" and o.name == "stderr"]
    assert not complaints
    pictures = [o for o in found if "image/png" in o.get("data", {})]
    assert len(pictures) == CHARTS.get(path.name[:2], 0)
    assert not list(work.iterdir()), "a notebook leaves nothing behind"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=NAMES)
def test_a_notebook_is_stored_without_outputs(path: Path) -> None:
    book = nbformat.read(path, as_version=4)
    nbformat.validate(book)
    assert not outputs(book)
    assert all(cell.get("execution_count") is None for cell in book.cells)
    assert set(book.metadata) == {"kernelspec", "language_info"}
    assert set(book.metadata.language_info) == {"name"}
    assert book.cells[0].cell_type == "markdown"
    assert book.cells[0].source.startswith("# ")


def test_the_notebooks_are_there() -> None:
    assert [name[:2] for name in NAMES[:5]] == ["01", "02", "03", "04", "05"]

"""``../shared/CONTRACT.md``, errors: what is wrong with a call is a ``UsageError`` with a hint."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import Any

import paper
import pytest

import govreport_parse as gov

PLACES: dict[str, Callable[[Any], object]] = {
    "load": gov.load,
    "verify_dataset": gov.verify_dataset,
    "write_dataset": lambda place: gov.write_dataset([], place),
    "build": gov.build,
    "harvest": lambda place: gov.harvest(["http://127.0.0.1:9/"], place, contact="me@a.org"),
    "mine": lambda place: gov.mine([], place),
    "read_mapping": gov.read_mapping,
}


@pytest.mark.parametrize("place", [None, 5, b"x", "", "a\0b", ["x"]])
@pytest.mark.parametrize("name", PLACES)
def test_a_place_that_can_be_none(
    name: str, place: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(gov.UsageError) as caught:
        PLACES[name](place)
    assert caught.value.hint
    assert list(tmp_path.iterdir()) == []


def test_a_pipe_as_output_is_written_and_not_replaced(tmp_path: Path) -> None:
    gov.write_dataset([gov.parse(paper.html())], tmp_path / "d")
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[bytes] = []
    reader = Thread(target=lambda: read.append(pipe.read_bytes()), daemon=True)
    reader.start()
    gov.load(tmp_path / "d").export("json", pipe)
    reader.join(120)
    assert read[0].startswith(b'{"schema": "govreport/1"')
    assert pipe.is_fifo()


CALLS: dict[str, Callable[[gov.Dataset], object]] = {
    "a table": lambda d: d.table("nosuch"),
    "years": lambda d: d.wide("x"),  # type: ignore[arg-type]
    "a query": lambda d: d.sql(5),  # type: ignore[arg-type]
    "an export": lambda d: d.export("csv", None),  # type: ignore[arg-type]
    "results": lambda d: gov.write_dataset(5, d.folder),  # type: ignore[arg-type]
    "a document": lambda _: gov.parse(Path("a\0b.html")),
    "a source": lambda _: gov.Source("x"),  # type: ignore[arg-type]
    "an executor": lambda _: gov.parse_many([], executor=5),  # type: ignore[arg-type]
    "a year for many": lambda _: gov.parse_many([], year="2023"),
    "an organ for many": lambda _: gov.parse_many([], organ=5),
    "an engine for many": lambda _: gov.parse_many([], engine="quick"),
    "an organ with NUL": lambda _: gov.parse(paper.html(), organ="a\0b"),
    "an organ of surrogates": lambda _: gov.parse(paper.html(), organ="\ud800"),
    "a contact": lambda _: gov.harvest(["http://127.0.0.1:9/"], "x", contact=5),  # type: ignore[arg-type]
    "a delay": lambda _: gov.harvest(["http://127.0.0.1:9/"], "x", "me@a.org", delay="5"),
    "jobs": lambda _: gov.harvest(["http://127.0.0.1:9/"], "x", "me@a.org", jobs="5"),
    "paths": lambda _: gov.mine(5, "x"),  # type: ignore[arg-type]
    "a text to mask": lambda _: gov.mask(5),  # type: ignore[arg-type]
    "a panel": lambda _: gov.check_panel(5),  # type: ignore[arg-type]
    "a panel of texts": lambda _: gov.check_panel(["x"]),  # type: ignore[list-item]
    "no table": lambda _: gov.samples()[0].table(None),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("wrong", CALLS)
def test_an_argument_of_the_wrong_kind(
    wrong: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    gov.write_dataset([gov.parse(paper.html())], tmp_path / "d")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(gov.UsageError) as caught:
        CALLS[wrong](gov.load("d"))
    assert caught.value.hint
    assert sorted(tmp_path.rglob("*")) == before


def test_a_year_of_numpy_is_a_year() -> None:
    import numpy as np

    report = gov.parse(paper.html(), year=np.int64(2023))
    assert report.year == 2023
    assert type(report.year) is int
    with pytest.raises(gov.UsageError):
        gov.parse(paper.html(), year=np.array([2023, 2024]))


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no such device")
def test_tables_are_not_read_from_devices(tmp_path: Path) -> None:
    with pytest.raises(gov.UsageError, match="device"):
        gov.read_mapping("/dev/zero")
    with pytest.raises(gov.UsageError, match="device"):
        gov.harvest("/dev/zero", tmp_path / "out", contact="a@example.org")

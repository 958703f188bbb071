"""Notes are told in the order of the batches; an attempt that was killed accuses its document."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from govreport_parse.cluster.attempts import FOLDER, Attempt, attempt
from govreport_parse.cluster.notes import InOrder, keep_notes


def test_batches_that_end_in_any_order_are_told_in_theirs(tmp_path: Path) -> None:
    for part, notes in {"p0": [1, 2], "p1": [], "p2": ["三"], "p3": [{"a": None}]}.items():
        keep_notes(tmp_path, part, notes)
    told: list[Any] = []
    order = InOrder(tmp_path, told.append)
    order.add(2, ["p3"])
    order.add(1, ["p2"])
    assert told == []
    order.add(0, ["p0", "p1"])
    assert told == [1, 2, "三", {"a": None}]


def test_only_attempts_that_did_not_end_accuse_and_each_its_own_document(tmp_path: Path) -> None:
    folder = tmp_path / FOLDER
    folder.mkdir()
    for name, text in {
        "7.100-aa": b"00000004",
        "7.101-bb": b"00000004",
        "7.102-cc": b"00000000",
        "7.103-dd": b"--------",
        "7.104-ee": b"",
        "77.105-ff": b"00000009",
        "7-0.106-gg": b"00000009",
    }.items():
        (folder / name).write_bytes(text)
    with attempt(tmp_path, "7") as (mine, deaths):
        assert deaths == Counter({4: 2, 0: 1})
        mine.at(12345678)
        assert mine.path.read_bytes() == b"12345678"
        mine.at(None)
        assert mine.path.read_bytes() == b"--------"
        path = mine.path
    assert not path.exists()
    assert len(list(folder.iterdir())) == 7


def test_an_attempt_names_no_document_before_it_is_at_one(tmp_path: Path) -> None:
    mine = Attempt(tmp_path / "1.1-a")
    assert mine.path.read_bytes() == b""
    mine.close()
    assert list(tmp_path.iterdir()) == []

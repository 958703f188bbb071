"""Whether personal numbers in texts are masked is kept with a dataset, and told in its methods."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from handmade import failure, town

from govreport_parse.cluster import merge_datasets
from govreport_parse.dataset import load, write_dataset
from govreport_parse.dataset.staged import stage, staging_of, write_staged
from govreport_parse.errors import DatasetError
from govreport_parse.report import Section

MASKED = "bank cards, passports, e-mail addresses are masked (〔ID〕, 〔MOBILE〕, 〔CARD〕, "
LEFT = "left as they stand in some or all reports"
UNKNOWN = "whether they are masked was not noted"
TEXT = "电话13912345678"


def told(folder: Path) -> tuple[bool | None, str]:
    (line,) = [x for x in load(folder).methods().splitlines() if "Personal numbers" in x]
    return load(folder).manifest.masked, line


def with_text(name: str):  # type: ignore[no-untyped-def]
    return town(name=name, sections=(Section("k", "一", TEXT),))


@pytest.mark.parametrize(
    ("first", "then", "kept", "line"),
    [
        (True, True, True, MASKED),
        (True, False, False, LEFT),
        (False, True, False, LEFT),
        (False, False, False, LEFT),
    ],
)
def test_one_write_without_masking_is_told(
    tmp_path: Path, first: bool, then: bool, kept: bool, line: str
) -> None:
    write_dataset([with_text("a")], tmp_path, mask=first)
    write_dataset([with_text("b")], tmp_path, mask=then)
    flag, text = told(tmp_path)
    assert flag is kept
    assert line in text
    texts = load(tmp_path).sections.to_table(["text"])["text"].to_pylist()
    assert sorted(t == TEXT for t in texts) == sorted([not first, not then])


def test_what_writes_no_report_changes_nothing(tmp_path: Path) -> None:
    write_dataset([with_text("a")], tmp_path)
    write_dataset([failure()], tmp_path, mask=False)
    write_dataset([with_text("a")], tmp_path, mask=False)  # there already
    assert told(tmp_path)[0] is True


def test_staged_parts_and_merged_datasets_tell_it_too(tmp_path: Path) -> None:
    for name, mask in (("a", True), ("b", False)):
        folder = tmp_path / name
        staging_of(folder).mkdir(parents=True)
        stage(staging_of(folder), "p", [(with_text(name), None)], "1.0", mask=mask)
        write_staged(["p"], folder, parser_version="1.0")
        assert told(folder)[0] is mask
    merge_datasets([tmp_path / "a", tmp_path / "b"], tmp_path / "both")
    assert told(tmp_path / "both")[0] is False
    merge_datasets([tmp_path / "a"], tmp_path / "one")
    assert told(tmp_path / "one")[0] is True


def test_a_dataset_that_does_not_say_it_is_not_said_to_be_masked(tmp_path: Path) -> None:
    write_dataset([with_text("a")], tmp_path)
    path = tmp_path / "_manifest.json"
    data = json.loads(path.read_text("utf-8"))
    assert data.pop("masked") is True
    path.write_text(json.dumps(data), "utf-8")
    assert UNKNOWN in told(tmp_path)[1]
    write_dataset([with_text("b")], tmp_path)
    assert told(tmp_path)[0] is None
    write_dataset([with_text("c")], tmp_path, mask=False)
    assert told(tmp_path)[0] is False
    path.write_text(json.dumps(data | {"masked": "yes"}), "utf-8")
    with pytest.raises(DatasetError, match="a field is missing or wrong"):
        load(tmp_path)

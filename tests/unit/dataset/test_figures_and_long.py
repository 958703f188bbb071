"""The figures of a dataset and the long frame: the same columns, but for the short name."""

from __future__ import annotations

from pathlib import Path

from handmade import town

import govreport_parse as gov
from govreport_parse.codebooks import entries
from govreport_parse.dataset import load, write_dataset


def test_figures_are_the_long_frame_without_the_short_name(tmp_path: Path) -> None:
    write_dataset([town()], tmp_path)
    long = gov.to_frame([town()], shape="long")
    figures = load(tmp_path).figures.to_pandas()
    assert figures.columns.tolist() == [c for c in long.columns if c != "short"]
    (line,) = [e for e in entries() if e.short == "short" and "long" in e.frame.split(";")]
    assert "not in a dataset's figures" in line.note


def test_the_codebook_gives_the_short_name_by_path(tmp_path: Path) -> None:
    write_dataset([town()], tmp_path)
    data = load(tmp_path)
    joined = data.figures.to_pandas().merge(data.codebook()[["path", "short"]], on="path")
    long = gov.to_frame([town()], shape="long")
    given = dict(zip(joined["path"], joined["short"], strict=True))
    assert given == dict(zip(long["path"], long["short"], strict=True))
    assert given["requests/granted/total"] == "rq_granted_total"
    assert len(joined) == 200

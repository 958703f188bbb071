"""Table, row, column and short name of each figure are those of its path."""

from __future__ import annotations

from pathlib import Path

from handmade import hybrid, report

import govreport_parse as gov
from govreport_parse.dataset import load, write_dataset


def test_the_words_of_a_path_stand_in_their_own_columns(tmp_path: Path) -> None:
    reports = [hybrid(), report(form_id="ogi_annual_2019", name="old")]
    write_dataset(reports, tmp_path / "d")
    rows = load(tmp_path / "d").figures.to_table(["table", "row", "column", "path"]).to_pylist()
    assert len(rows) == 186 + 198
    for row in rows:
        assert row["path"] == f"{row['table']}/{row['row']}/{row['column']}"


def test_the_long_frame_has_the_short_names_of_the_codebook() -> None:
    frame = gov.to_frame([hybrid(), report(form_id="ogi_annual_2019", name="old")], shape="long")
    shorts = gov.codebook().set_index("path")["short"].to_dict()
    assert frame["short"].tolist() == [shorts[path] for path in frame["path"]]
    assert frame["path"].str.split("/").str[0].tolist() == frame["table"].tolist()

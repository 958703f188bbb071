"""Rows of older reports' tables, the normalised organ and the candidates, in frames and dataset."""

from __future__ import annotations

from pathlib import Path

import jsonschema
import pytest
from handmade import town
from older_page import older
from recorded import tree

import govreport_parse as gov
from govreport_parse.dataset.jsonlines import lines
from govreport_parse.frames import to_table
from govreport_parse.record_json import report_from_dict
from govreport_parse.schema import schema

WANTED = [
    (1, "主动公开政府信息数", "01", "条", 345.0, "reported", "345"),
    (2, "设立咨询点", "02", "个", 4.0, "reported", "4"),
    (3, "联系 〔MOBILE〕", "03", "人次", None, "dash", "—"),
    (4, "接待来访", "04", "人次", None, "blank", ""),
]
COLUMNS = ("position", "label", "code", "unit", "value", "state", "raw")


def test_indicator_rows_are_kept_as_they_are_and_dressed_up_as_nothing(tmp_path: Path) -> None:
    report = older()
    assert (report.form, len(report)) == ("narrative", 0)
    gov.write_dataset([report, town()], tmp_path / "d")
    data = gov.load(tmp_path / "d")
    for table in (to_table([report, town()], "indicators"), data.indicators.to_table()):
        rows = table.to_pylist()
        assert [tuple(row[c] for c in COLUMNS) for row in rows] == WANTED
        assert {row["organ"] for row in rows} == {"柳湾县人民政府"}
        assert {(row["year"], row["form"], row["indicator_table"]) for row in rows} == {
            (2016, "narrative", 1)
        }
        assert all(row["locator"].startswith("table 1, row ") for row in rows)
    assert len(data.figures) == 200  # those of the town only
    assert len(data.sql("select * from indicators where value > 4")) == 1


def test_personal_numbers_in_labels_are_masked_unless_told_otherwise() -> None:
    (row,) = (
        r for r in to_table(older(), "indicators", mask=False).to_pylist() if r["code"] == "03"
    )
    assert row["label"] == "联系 13812345678"


def test_a_label_of_a_statistics_form_names_its_row() -> None:
    frame = gov.to_frame(older(), "indicators")
    assert frame["known_row"].tolist()[0] == "proactive_items"
    assert frame["known_row"].isna().tolist() == [False, True, True, True]


def test_rows_follow_their_reports_through_further_writes(tmp_path: Path) -> None:
    names = [f"{c}湾县人民政府" for c in "甲乙丙"]
    reports = [older(n) for n in names]
    gov.write_dataset(reports[:1], tmp_path / "d")
    gov.write_dataset(reports[1:], tmp_path / "d")
    rows = gov.load(tmp_path / "d").indicators.to_table(["report_id", "organ", "position"])
    ids = {r.report_id: r.organ for r in reports}
    assert sorted({(row["report_id"], row["organ"]) for row in rows.to_pylist()}) == sorted(
        ids.items()
    )
    assert sorted(row["position"] for row in rows.to_pylist()) == [
        1,
        1,
        1,
        2,
        2,
        2,
        3,
        3,
        3,
        4,
        4,
        4,
    ]


def test_json_lines_hold_the_rows_and_what_is_known_of_the_organ(tmp_path: Path) -> None:
    report = older()
    gov.write_dataset([report], tmp_path / "d")
    (line,) = lines(gov.load(tmp_path / "d"))
    assert (line["organ_level"], line["organ_kind"]) == ("county", "government")
    jsonschema.Draft202012Validator(schema()).validate(line)
    again = report_from_dict({**line, "rows": []})
    assert to_table(again, "indicators") == to_table(report, "indicators")


PAGE = "{organ}2023年政府信息公开工作年度报告\n" + "".join(
    f"{heading}\n照常开展。\n"
    for heading in (
        "一、总体情况",
        "二、主动公开政府信息情况",
        "三、收到和处理政府信息公开申请情况",
        "四、政府信息公开行政复议、行政诉讼情况",
        "五、存在的主要问题及改进情况",
        "六、其他需要报告的事项",
    )
)


@pytest.mark.parametrize(
    ("organ", "plain", "code", "candidates"),
    [
        ("石台县财政局", "石台县财政局", "341722", None),
        ("石台县　财政局", "石台县财政局", "341722", None),
        # in Nanjing, Xuzhou, Fuzhou and Kaifeng
        (
            "鼓楼区财政局",
            "鼓楼区财政局",
            None,
            {"320106", "320302", "350102", "410204"},
        ),
    ],
)
def test_organs_are_normalised_and_doubtful_codes_listed(
    organ: str, plain: str, code: str | None, candidates: set[str] | None
) -> None:
    report = gov.parse(PAGE.format(organ=plain), organ=organ)
    (row,) = to_table(report, "reports").to_pylist()
    assert (row["organ"], row["organ_normalised"]) == (organ, plain)
    assert row["division_code"] == code
    found = row["division_candidates"]
    assert (set(found.split(";")) if found else None) == candidates


def test_a_mapping_settles_what_was_doubtful(tmp_path: Path) -> None:
    (tmp_path / "m.csv").write_text("organ,code\n鼓楼区财政局,320106\n", "utf-8")
    report = gov.parse(PAGE.format(organ="鼓楼区财政局"), mapping=tmp_path / "m.csv")
    (row,) = to_table(report, "reports").to_pylist()
    assert (row["division_code"], row["division_source"]) == ("320106", "mapping")
    assert row["division_candidates"] is None


def test_the_methods_note_says_how_the_codes_were_found(tmp_path: Path) -> None:
    (tmp_path / "m.csv").write_text("organ,code\n鼓楼区财政局,320106\n", "utf-8")
    organs = ("鼓楼区财政局", "石台县财政局", "东至县财政局", "西溪县财政局")
    pages = [PAGE.format(organ=organ) for organ in organs]
    gov.write_dataset(gov.parse_many(pages, mapping=tmp_path / "m.csv"), tmp_path / "d")
    note = gov.load(tmp_path / "d").methods()
    assert "| from that person's own table of organs | 1 |" in note
    assert "| the name of the organ | 2 |" in note
    assert "| none: not certain | 1 |" in note


def test_another_order_and_files_beside_the_memory_give_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reports = [older(f"{c}湾县人民政府") for c in "甲乙丙丁"] + [town()]
    gov.write_dataset(reports, tmp_path / "a")
    gov.write_dataset(reversed(reports), tmp_path / "b")
    monkeypatch.setattr("govreport_parse.dataset.pieces.MEMORY", 0)
    gov.write_dataset(reports, tmp_path / "c")
    assert tree(tmp_path / "a") == tree(tmp_path / "b") == tree(tmp_path / "c")
    assert len(gov.load(tmp_path / "c").indicators) == 16

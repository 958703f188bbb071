from __future__ import annotations

from pathlib import Path

import pytest
from handmade import PD, RQ, failure, report, town
from selectolax.lexbor import LexborHTMLParser

from govreport_parse.dataset import load, write_dataset
from govreport_parse.errors import DatasetError
from govreport_parse.formbook import Layout
from govreport_parse.review import dataset_page
from govreport_parse.values import State

from .pages import data_of, harmless, hostile, skeleton


def page_of(folder: Path, *reports: object) -> str:
    write_dataset(reports, folder)  # type: ignore[arg-type]
    return dataset_page(load(folder))


def test_reports_stand_under_their_division_and_year(tmp_path: Path) -> None:
    page = page_of(
        tmp_path,
        town(name="a", division_code="341722", year=2022),
        town(name="b", division_code="341722", year=2023, changes={f"{PD}/licensing/decisions": 9}),
        town(name="c", division_code=None, organ="白石镇人民政府", year=None),
        failure(),
    )
    data = data_of(page)
    assert data["years"] == [2022, 2023]
    names = [tuple(u) for u in data["units"]]
    assert ("341722", "安徽省池州市石台县") in names
    assert ("", "白石镇人民政府") in names
    places = {(names[r[0]][0], r[1]) for r in data["reports"]}
    assert places == {("341722", 0), ("341722", 1), ("", -1)}
    assert len(data["failures"]) == 1
    assert "3 份报告" in page
    assert "1 份未能读取" in page


def test_states_checks_and_doubts_are_counted(tmp_path: Path) -> None:
    made = town(
        changes={
            f"{RQ}/granted/natural_person": 7,
            f"{RQ}/not_held/business": State.ABSENT,
            f"{RQ}/not_held/other_org": State.BLANK,
        }
    )
    (row,) = data_of(page_of(tmp_path, made))["reports"]
    c = made.completeness
    assert row[5:12] == [200, 197, 2, 1, c["holds"], c["broken"], c["not_checkable"]]
    assert row[12] == 1  # the row matched loosely; broken sums are counted apart
    assert row[13] == 0
    assert row[14] == "https://town.example/town.html"


def test_copies_and_older_versions_are_told_apart(tmp_path: Path) -> None:
    reports = data_of(page_of(tmp_path, town(name="a"), town(name="b")))["reports"]
    assert sorted(r[13] for r in reports) == [0, 1]


def test_a_report_of_text_only_has_no_figures(tmp_path: Path) -> None:
    made = report(of=Layout(()), form="narrative", year=2015)
    (row,) = data_of(page_of(tmp_path, made))["reports"]
    assert row[4:9] == ["narrative", 0, 0, 0, 0]


def test_failures_only_are_told(tmp_path: Path) -> None:
    write_dataset([failure()], tmp_path)
    with pytest.raises(
        DatasetError, match=r"the one document failed \(NotAReportError 1\)"
    ) as caught:
        dataset_page(load(tmp_path))
    assert "failures" in caught.value.hint


def test_an_empty_dataset_is_told(tmp_path: Path) -> None:
    write_dataset([], tmp_path)
    with pytest.raises(DatasetError, match="empty"):
        dataset_page(load(tmp_path))


def test_hostile_texts_stay_texts(tmp_path: Path) -> None:
    strings = hostile()[::9]

    def made(of: list[str]) -> list[object]:
        out: list[object] = []
        for i, text in enumerate(of):
            one = town(name=str(i), organ=text, title=text, division_code=None)
            one.source = type(one.source)(text, text, one.source.sha256, 1, "text/html", "utf-8")
            out.append(one)
        return [*out, failure()]

    page = page_of(tmp_path / "a", *made(strings))
    plain = page_of(tmp_path / "b", *made([harmless(s) for s in strings]))
    assert skeleton(page) == skeleton(plain)
    assert {r[14] for r in data_of(page)["reports"]} == {""}


def test_personal_numbers_are_masked(tmp_path: Path) -> None:
    page = page_of(tmp_path, town(organ="王13812345678", division_code=None))
    assert "13812345678" not in page
    assert "〔MOBILE〕" in page


def test_the_page_is_one_file_under_the_policy(tmp_path: Path) -> None:
    tree = LexborHTMLParser(page_of(tmp_path, town()))
    policy = tree.css_first('meta[http-equiv="Content-Security-Policy"]').attributes["content"]
    assert (policy or "").startswith("default-src 'none'")
    assert not tree.css("[src], link, [href], [style], iframe, form")

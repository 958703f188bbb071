"""Organ and year of the list beside those of the document: the document decides, all is told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from harvesting.harvested_site import Site, collect, report, served, sites

import govreport_parse as gov
from govreport_parse.harvesting.offered import are_different
from govreport_parse.harvesting.rebuild import build


@pytest.fixture
def site() -> Iterator[Site]:
    with sites() as made:
        yield made


def anonymous() -> bytes:
    """A report that names neither organ nor year."""
    text = report(9).decode()
    for word in ("第9县人民政府2023年", "自2023年1月1日起至2023年12月31日止", "2023年"):
        text = text.replace(word, "")
    return text.encode()


def listed(site: Site, *entries: tuple[str, str, bytes]) -> str:
    """A list with titles and documents; its address."""
    rows = "".join(f"<li><a href='{path}'>{title}</a></li>" for path, title, _ in entries)
    site.page("/nb/", served(f"<html><body><ul>{rows}</ul></body></html>".encode()))
    for path, _, document in entries:
        site.page(f"/nb/{path}", served(document))
    return site.url("/nb/")


def rows_of(folder: Path) -> dict[str, dict[str, object]]:
    columns = ["url", "organ", "organ_source", "year", "year_source", "report_id"]
    data = gov.load(folder / "dataset")
    found = data.findings.to_table(["report_id", "code", "message"]).to_pylist()
    told = {f["report_id"]: f["message"] for f in found if f["code"] == "list_differs"}
    return {
        r["url"].rpartition("/")[2]: {**r, "told": told.get(r["report_id"], "")}
        for r in data.reports.to_table(columns).to_pylist()
    }


def test_list_and_document(site: Site, tmp_path: Path) -> None:
    url = listed(
        site,
        ("1.html", "第1县人民政府2023年政府信息公开工作年度报告", report(1)),
        ("2.html", "第2县人民政府2021年政府信息公开工作年度报告", report(2)),
        ("3.html", "第3县教育局2023年政府信息公开工作年度报告", report(3)),
        ("4.html", "第7县人民政府2023年政府信息公开工作年度报告", report(4)),
        ("5.html", "第5县2023年政府信息公开年报", report(5)),
        ("9.html", "第9县水利局2022年政府信息公开工作年度报告", anonymous()),
    )
    collect([{"url": url, "kind": "list"}], tmp_path)
    rows = rows_of(tmp_path)
    assert {
        name: r["told"] for name, r in rows.items() if name in ("1.html", "5.html", "9.html")
    } == {
        "1.html": "",
        "5.html": "",
        "9.html": "",
    }
    assert "the list names the year 2021, the document 2023" in str(rows["2.html"]["told"])
    assert rows["2.html"]["year"] == 2023
    # That a bureau's title leads to its county's report can't be told from a short name.
    assert rows["3.html"]["told"] == ""
    assert "第7县人民政府, the document 第4县人民政府" in str(rows["4.html"]["told"])
    assert rows["4.html"]["organ"] == "第4县人民政府"
    nine = rows["9.html"]
    assert (nine["organ"], nine["organ_source"]) == ("第9县水利局", "list")
    assert (nine["year"], nine["year_source"]) == (2022, "list")


def test_a_build_says_the_same(site: Site, tmp_path: Path) -> None:
    url = listed(
        site,
        ("2.html", "第2县人民政府2021年政府信息公开工作年度报告", report(2)),
        ("9.html", "第9县水利局2022年政府信息公开工作年度报告", anonymous()),
    )
    collect([{"url": url, "kind": "list"}], tmp_path)
    before = rows_of(tmp_path)
    for path in (tmp_path / "dataset").rglob("*"):
        if path.is_file():
            path.unlink()
    build(tmp_path)
    assert rows_of(tmp_path) == before


def test_what_the_sources_say_is_not_contradicted_by_a_list(site: Site, tmp_path: Path) -> None:
    url = listed(site, ("2.html", "第2县人民政府2021年政府信息公开工作年度报告", report(2)))
    row = {"url": f"{url}2.html", "year": 2023, "organ": "第2县人民政府"}
    collect([row, {"url": url, "kind": "list"}], tmp_path)
    assert rows_of(tmp_path)["2.html"]["told"] == ""


@pytest.mark.parametrize(
    ("one", "other", "different"),
    [
        ("清溪县财政局", "清溪县教育局", True),
        ("清溪县民政局", "清溪县财政局", True),
        ("县发改委", "清溪县发展和改革委员会", False),
        ("区卫健委", "贵池区卫生健康委员会", False),
        ("市人社局", "池州市人力资源和社会保障局", False),
        ("横渡镇", "石台县横渡镇人民政府", False),
        ("石台县横渡镇", "石台县仁里镇人民政府", True),
        ("石台县人民政府", "石台县人民政府办公室", False),
        ("石台县人民政府", "青阳县人民政府", True),
        ("石台县", "青阳县", True),
        ("城管局", "清溪县城市管理行政执法局", False),
        ("福田街道", "福田街道办事处", False),
        ("水利局", "林业局", True),
        ("黔东南州", "黔东南苗族侗族自治州人民政府", False),
        ("县文旅体局", "清溪县文化体育和旅游局", False),
    ],
)
def test_names_of_one_organ_and_of_two(one: str, other: str, different: bool) -> None:
    assert are_different(one, other) is different
    assert are_different(other, one) is different

"""A parsed report carries level, kind and division of its organ, everywhere it travels."""

from __future__ import annotations

import json

import govreport_parse as gov
from govreport_parse.record_json import report_from_dict
from govreport_parse.source import Source
from govreport_parse.workers.wire import pack, unpack

SECTIONS = (
    ("一、总体情况", "2023年本局依法公开政府信息。"),
    ("二、主动公开政府信息情况", "见表。"),
    ("三、收到和处理政府信息公开申请情况", "没有收到申请。"),
    ("四、政府信息公开行政复议、行政诉讼情况", "没有。"),
    ("五、存在的主要问题及改进情况", "继续改进。"),
    ("六、其他需要报告的事项", "没有。"),
)


def page(organ: str, site: str = "") -> bytes:
    title = f"{organ}2023年政府信息公开工作年度报告"
    meta = f'<meta name="SiteIDCode" content="{site}">' if site else ""
    body = "".join(f"<p>{heading}</p><p>{text}</p>" for heading, text in SECTIONS)
    return (
        f'<html><head><meta charset="utf-8"><title>{title}</title>{meta}</head>'
        f"<body><h1>{title}</h1>{body}</body></html>"
    ).encode()


def codes(report: gov.Report) -> list[str]:
    return [f.code for f in report.findings if f.code.startswith("division")]


def test_the_division_of_a_page_is_found_and_says_how() -> None:
    report = gov.parse(page("石台县财政局", "3417220001"))
    assert (report.division_code, report.division_source) == ("341722", "site_code")
    assert (report.organ_level, report.organ_kind) == ("county", "department")
    assert not codes(report)
    report = gov.parse(page("石台县财政局"))
    assert (report.division_code, report.division_source) == ("341722", "organ")


def test_doubt_and_conflict_give_no_code_and_a_finding() -> None:
    report = gov.parse(page("鼓楼区财政局"))
    assert (report.division_code, report.division_source) == (None, None)
    assert codes(report) == ["division_unsure"]
    report = gov.parse(page("石台县财政局", "3304020001"))
    assert report.division_code is None
    assert codes(report) == ["division_conflict"]


def test_the_callers_code_wins() -> None:
    report = gov.parse(page("石台县财政局", "3417220001"), division_code="341721")
    assert (report.division_code, report.division_source) == ("341721", "caller")


def test_the_callers_organ_is_not_doubted_for_the_title() -> None:
    report = gov.parse(page("石台县财政局"), organ="衢州市衢江区财政局")
    assert report.division_code == "330803"


def test_level_and_kind_survive_json_and_the_workers() -> None:
    source = Source(page("石台县财政局", "3417220001"), "page.html")
    report = gov.parse(source)
    out = json.loads(report.to_json())
    assert (out["organ_level"], out["organ_kind"]) == ("county", "department")
    assert report_from_dict(out).to_dict() == report.to_dict()
    sent = unpack(json.loads(json.dumps(pack(report))), source)
    assert isinstance(sent, gov.Report)
    assert (sent.organ_level, sent.organ_kind) == ("county", "department")

"""The answer of a site's interface, saved as a file: its page is read."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

import govreport_parse as gov
from govreport_parse.documents.json_page import page_in_json
from govreport_parse.reading import read_document

TITLE = "溪口县林业局2023年政府信息公开工作年度报告"
ROWS = "".join(
    f'<tr><td>{label}</td><td class="n">{n}</td></tr>'
    for label, n in (("行政许可", 410), ("行政处罚", 31), ("行政强制", 4))
)
PAGE = (
    "<p>一、总体情况</p><p>本年度按条例要求开展工作，主动公开信息803条，没有收到举报投诉。</p>"
    f"<p>二、主动公开政府信息情况</p><table><tr><td>信息内容</td><td>本年处理决定数量</td></tr>{ROWS}</table>"
    "<p>三、收到和处理政府信息公开申请情况</p><p>本年度没有收到申请。</p>"
    "<p>五、存在的主要问题及改进情况</p><p>学习不够。</p>"
)
LICENSES = "proactive_disclosure/licensing/decisions"


def answer(content: str, *, ascii_only: bool = True, **more: Any) -> bytes:
    made = {"code": 0, "data": {"article": {"id": 7, "title": TITLE, "content": content, **more}}}
    return json.dumps(made, ensure_ascii=ascii_only).encode()


@pytest.mark.parametrize("ascii_only", [True, False])
def test_the_page_in_an_answer_is_read(ascii_only: bool) -> None:
    data = answer(PAGE, ascii_only=ascii_only)
    assert (b"\\u4e00" in data) is ascii_only
    report = gov.parse(data)
    assert (report.organ, report.year, report.title) == ("溪口县林业局", 2023, TITLE)
    assert [report[f"proactive_disclosure/{row}/decisions"].value for row in (
        "licensing", "penalties", "coercive_measures",
    )] == [410, 31, 4]  # fmt: skip
    assert report.source.media_type == "application/json"
    (finding,) = [f for f in report.findings if f.code == "json_page"]
    assert (finding.severity, dict(finding.detail)) == (
        "info",
        {"field": "data.article.content", "others": 0},
    )


def test_a_page_escaped_once_more_is_read() -> None:
    escaped = PAGE.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert gov.parse(answer(escaped))[LICENSES].value == 410


def test_a_text_without_markup_is_read_line_by_line() -> None:
    text = "一、总体情况\n" + "本年度按条例要求开展工作。" * 20 + "\n四、行政复议\n没有。"
    document = read_document(answer(text))
    assert [b.text for b in document.blocks][:2] == [TITLE, "一、总体情况"]


def test_another_report_beside_it_is_said() -> None:
    second = {"title": "溪口县水利局2023年年报", "content": PAGE.replace("410", "7")[:-4]}
    report = gov.parse(json.dumps([{"title": TITLE, "content": PAGE}, second]))
    assert report[LICENSES].value == 410
    (finding,) = [f for f in report.findings if f.code == "json_page"]
    assert (finding.severity, dict(finding.detail)["others"]) == ("warning", 1)


@pytest.mark.parametrize(
    "text",
    [
        "{不是JSON}",
        "{}",
        "[1, 2]",
        json.dumps({"content": "短"}),
        json.dumps({"content": "没有表格也没有标题的正文。" * 50}),
        json.dumps({"a": {"b": {"c": {"d": {"e": {"f": {"g": PAGE}}}}}}}),
        "[" * 100_000 + "]" * 100_000,
        "{|\n|-\n| 行政许可 || 410\n|}",
        "plain text",
    ],
)
def test_what_holds_no_page_is_left_to_the_other_readers(text: str) -> None:
    assert page_in_json(text) is None


def test_an_answer_with_many_values_ends_in_time() -> None:
    text = json.dumps([{"title": "x", "content": [{"a": PAGE}] * 3}] * 500)
    start = time.process_time()
    assert page_in_json(text) is not None
    assert time.process_time() - start < 20


def test_half_a_character_is_replaced() -> None:
    page = page_in_json(json.dumps({"title": "\ud800年报", "content": PAGE + "\ud800"}))
    assert page is not None
    assert page.text.encode().count(b"?") == 2

"""Refused documents in which a report may hide: the message says where, the hint what to do."""

from __future__ import annotations

import html
from pathlib import Path

import pytest

import govreport_parse as gov
from govreport_parse.errors import NotAReportError

GENERAL = "no table and no section of a known form was found"
HEAD = "<html><head><meta charset=utf-8><title>柳湾县2023年年报</title></head><body>"
BODY = (
    "<p>一、总体情况</p><p>本年度主动公开信息803条。</p><p>行政复议0件。</p>"
    "<table><tr><td>规章</td><td>0</td></tr></table>"
)


def refused(source: str) -> NotAReportError:
    with pytest.raises(NotAReportError) as caught:
        gov.parse(source)
    return caught.value


@pytest.mark.parametrize(
    "body",
    [
        '<div id="app"></div><script src="/static/js/app.js"></script>',
        '<div id=__next></div><script id="__NEXT_DATA__" type="application/json">{}</script>',
        f"<p>{'网站导航与友情链接。' * 60}</p><script>window.__INITIAL_STATE__={{}}</script>",
        "<p>首页</p><script>document.write(unescape('%3Cp'))</script>",
    ],
)
def test_a_page_that_a_script_fills_is_to_be_saved_in_a_browser(body: str) -> None:
    error = refused(f"{HEAD}{body}</body></html>")
    assert error.message == f"<text>: {GENERAL}; a script fills this page in the browser"
    assert "browser" in error.hint
    assert ".mhtml" in error.hint


@pytest.mark.parametrize(
    ("body", "where"),
    [
        (f"<noscript>{BODY}</noscript>", "<noscript>"),
        (f"<TEMPLATE id=t>{BODY}</TEMPLATE>", "<template>"),
        (f"<textarea style='display:none'>{html.escape(BODY)}</textarea>", "<textarea>"),
        (f'<iframe srcdoc="{html.escape(BODY)}"></iframe>', "srcdoc"),
        # Sections without a table.
        (f"<noscript>{BODY[: BODY.index('<table')]}</noscript>", "<noscript>"),
    ],
)
def test_what_stands_where_it_is_not_read_is_named(body: str, where: str) -> None:
    error = refused(f"{HEAD}{body}<script src=a.js></script></body></html>")
    assert error.message == (
        f"<text>: {GENERAL}; what may be a report stands in {where}, which is not read"
    )
    assert "cut it out" in error.hint


@pytest.mark.parametrize(
    "body",
    [
        # A counter of visits and a line for browsers without scripts are no report.
        f"<p>{'全县召开经济工作会议。' * 60}</p><script>document.write('')</script>",
        f"<p>{'全县召开经济工作会议。' * 60}</p><noscript>请启用脚本。</noscript>",
        f"<p>{'全县召开经济工作会议。' * 60}</p><textarea>留言</textarea>",
    ],
)
def test_other_pages_get_the_general_hint(body: str) -> None:
    error = refused(f"{HEAD}{body}</body></html>")
    assert error.message == f"<text>: {GENERAL}"
    assert error.hint.endswith("govreport show --stage blocks PATH")


@pytest.mark.parametrize("text", ["/nonexistent", "report", "2023年报 (1)", "年报.xyz"])
def test_a_name_of_no_file_is_asked_about(text: str) -> None:
    assert refused(text).hint.startswith("no such file? ")


@pytest.mark.parametrize("text", ["第一行\n第二行", "<p>report</p>", "字" * 400])
def test_a_text_is_not_taken_for_a_name(text: str) -> None:
    assert "no such file" not in refused(text).hint


def test_a_path_that_is_missing_is_an_error_about_the_file() -> None:
    with pytest.raises(gov.UsageError, match="cannot read"):
        gov.parse(Path("report"))

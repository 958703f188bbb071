"""Fixtures as plain text: every pipe dialect, the other shapes of the wild, scripts, charsets."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from fixture_case import BY_RECORD, FORM_2019, FORM_2021, Case, Truth

from govreport_parse.testing import (
    Record,
    glossed,
    random_record,
    render_text,
    traditional,
)

TEXT_CASES: list[Callable[[], Case]] = []


def case(build: Callable[[], Case]) -> Callable[[], Case]:
    TEXT_CASES.append(build)
    return build


def record(seed: int, form: str = FORM_2021, size: Any = "county", **more: Any) -> Record:
    return random_record(random.Random(seed), form, size, **more)


def text(r: Record, dialect: str, *tags: str, **more: Any) -> Case:
    """A record in a dialect that keeps every figure of it."""
    facts = more.pop("truth", {})
    rendered = render_text(r, dialect, **more)
    lossy = [
        p for p, e in rendered.expected.items() if not e.exact and p not in facts.get("figures", {})
    ]
    assert not lossy, f"{dialect} loses {lossy[:3]}: state what is expected by hand"
    return Case(
        rendered.text.encode(),
        ".txt",
        "text",
        (Truth(r, **facts),),
        tags=("text", f"dialect_{dialect}", *tags),
    )


# -- pipe dialects -----------------------------------------------------------------------------


@case
def text_b_county() -> Case:
    return text(record(101), "B")


@case
def text_b_all_zero() -> Case:
    return text(record(102, size="zero"), "B")


@case
def text_b_city() -> Case:
    return text(record(103, size="city"), "B")


@case
def text_b11_small() -> Case:
    return text(record(104, size="small"), "B11")


@case
def text_b0_no_pads() -> Case:
    return text(record(105), "B0")


@case
def text_c_cell_a_line() -> Case:
    return text(record(106), "C")


@case
def text_d_lone_bars() -> Case:
    return text(record(107), "D")


@case
def text_d1_leading_bar() -> Case:
    return text(record(108), "D1")


@case
def text_d2_full_grid() -> Case:
    return text(record(109), "D2", headers="whole")


@case
def text_e_alternating() -> Case:
    return text(record(110), "E")


@case
def text_f_value_a_line() -> Case:
    return text(record(111), "F")


@case
def text_markdown() -> Case:
    return text(record(112), "markdown")


@case
def text_tabs() -> Case:
    return text(record(113), "tabs", headers="whole")


@case
def text_spaces() -> Case:
    return text(record(114), "spaces")


@case
def text_wrap_in_cell() -> Case:
    return text(record(115), "wrap")


@case
def text_wrap_rows_pads() -> Case:
    return text(record(116), "wrap_rows")


# -- the 2019 form and the hybrid --------------------------------------------------------------


@case
def text_b_2019() -> Case:
    return text(record(121, FORM_2019), "B")


@case
def text_d_2019_small() -> Case:
    return text(record(122, FORM_2019, "small"), "D")


@case
def text_f_2019_city() -> Case:
    return text(record(123, FORM_2019, "city"), "F")


@case
def text_b_hybrid() -> Case:
    return text(record(124, "hybrid"), "B", "hybrid")


@case
def text_c_hybrid() -> Case:
    return text(record(125, "hybrid", "small"), "C", "hybrid")


# -- numbers -----------------------------------------------------------------------------------


@case
def text_b_thousands() -> Case:
    return text(
        record(131, size="city", style="thousands"),
        "B",
        "thousands",
        truth={"findings": ("cell_repaired",)},
    )


@case
def text_b_full_width() -> Case:
    return text(
        record(132, style="full_width"), "B", "full_width", truth={"findings": ("cell_repaired",)}
    )


@case
def text_d1_slashes() -> Case:
    return text(record(133, style="slashes"), "D1", "dashes")


@case
def text_b_changes_2019() -> Case:
    return text(record(134, FORM_2019, style="plus_signs"), "B", "signed")


# -- scripts -----------------------------------------------------------------------------------


@case
def text_b_traditional() -> Case:
    r = record(141)
    rendered = render_text(r, "B")
    return Case(
        traditional(rendered.text).encode(),
        ".txt",
        "text",
        (Truth(r, script=traditional, findings=("mirror_text",)),),
        tags=("text", "dialect_B", "traditional", "mirror"),
    )


@case
def text_b_glossed() -> Case:
    r = record(142, size="small")
    rendered = render_text(r, "B")
    return Case(
        glossed(rendered.text).encode(),
        ".txt",
        "text",
        (Truth(r, script=glossed, findings=("mirror_text", "text_glossed")),),
        tags=("text", "dialect_B", "traditional", "glossed", "mirror"),
    )


# -- charsets ----------------------------------------------------------------------------------


@case
def text_gb18030() -> Case:
    r = record(151)
    return text(r, "B", "charset").but(
        source=render_text(r, "B").text.encode("gb18030"), encoding="gb18030"
    )


@case
def text_utf8_bom() -> Case:
    r = record(152, size="small")
    return text(r, "B", "charset", "bom").but(
        source=b"\xef\xbb\xbf" + render_text(r, "B").text.encode()
    )


@case
def text_utf16le() -> Case:
    r = record(153, size="small")
    return text(r, "B", "charset").but(
        source=render_text(r, "B").text.encode("utf-16"), encoding="utf-16-le"
    )


@case
def text_crlf() -> Case:
    r = record(154, size="small")
    return text(r, "D", "line_ends").but(
        source=render_text(r, "D").text.replace("\n", "\r\n").encode()
    )


@case
def text_header_lies() -> Case:
    """The server says GBK, the bytes are UTF-8."""
    r = record(155, size="small")
    return text(
        r, "B", "charset", "lying_charset", truth={"findings": ("charset_label_wrong",)}
    ).but(content_type="text/plain; charset=gbk")


# -- seen and lost -----------------------------------------------------------------------------


@case
def text_no_title() -> Case:
    """As the sample report: no title, so no organ; the period gives the year."""
    r = record(161, size="small")
    period = f"数据统计期限自{r.year}年1月1日起至{r.year}年12月31日止。"
    r = replace(r, preamble=("本报告由我局编制，" + period,))
    return text(
        r, "B", "no_title", title=False, truth={"facts": {"title": None, "organ": None}}
    ).but(how=BY_RECORD + "; title left out of the source")

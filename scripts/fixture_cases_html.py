"""Fixtures as HTML: eight CMS families, sixteen layouts, charsets, numbers as pages print them."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from fixture_case import FORM_2019, FORM_2021, SHAPES, TEXT, Case, Truth

from govreport_parse.testing import (
    CellText,
    Record,
    Style,
    glossed,
    mojibake_run,
    random_record,
    record_of,
    render_html,
    traditional,
)
from govreport_parse.testing.script import on_text
from govreport_parse.values import State

HTML_CASES: list[Callable[[], Case]] = []


def case(build: Callable[[], Case]) -> Callable[[], Case]:
    HTML_CASES.append(build)
    return build


def record(seed: int, form: str = FORM_2021, size: Any = "county", **more: Any) -> Record:
    return random_record(random.Random(seed), form, size, **more)


def page(
    r: Record, layout: str = "clean", family: str | None = None, *tags: str, **more: Any
) -> Case:
    """A record as a page. Families give the date of publication in ``<meta>``, bare pages none."""
    truth = {
        "shapes": SHAPES[r.form],
        "published": r.published if family else None,
        **more.pop("truth", {}),
    }
    rendered = render_html(r, layout, family, **more)
    marks = ("html", f"layout_{layout}", *([f"cms_{family}"] if family else []))
    return Case(rendered.text.encode(), ".html", "html", (Truth(r, **truth),), tags=(*marks, *tags))


def shapes(second: str, form: str = FORM_2021) -> dict[str, Any]:
    first, _, third = SHAPES[form]
    return {"shapes": (first, second, third)}


# -- families and layouts ----------------------------------------------------------------------


@case
def html_hanweb_clean() -> Case:
    return page(record(201), "clean", "hanweb")


@case
def html_trs_paragraphs() -> Case:
    return page(record(202), "paragraphs", "trs")


@case
def html_ucap_word() -> Case:
    return page(record(203), "word", "ucap")


@case
def html_nfcms_spaced() -> Case:
    return page(record(204), "spaced", "nfcms")


@case
def html_gkmlpt_no_rowspan() -> Case:
    return page(record(205), "no_rowspan", "gkmlpt")


@case
def html_anhui_eight_columns() -> Case:
    return page(record(206), "eight_columns", "anhui", truth=shapes("28 x 11"))


@case
def html_vsb_div_headings() -> Case:
    return page(record(207), "div_headings", "vsb")


@case
def html_shaanxi_split() -> Case:
    return page(record(208), "split", "shaanxi", truth=shapes("15 x 10 + 13 x 10"))


@case
def html_nested_layout_tables() -> Case:
    return page(record(209), "nested")


@case
def html_wrapped_in_cell() -> Case:
    return page(record(210, size="small"), "wrapped")


@case
def html_one_table() -> Case:
    """Three heading rows, 14 + 28 + 4 rows, fifteen columns."""
    return page(record(211), "one_table", truth={"shapes": ("49 x 15",) * 3})


@case
def html_no_rowspan_empty() -> Case:
    return page(record(212), "no_rowspan_empty")


@case
def html_group_inline() -> Case:
    return page(record(213), "group_inline")


@case
def html_text_in_paragraphs() -> Case:
    return page(record(214), "text_in_html", truth={"shapes": TEXT})


@case
def html_text_in_breaks() -> Case:
    return page(record(215), "text_in_br", dialect="D", truth={"shapes": TEXT})


@case
def html_2019_clean() -> Case:
    return page(record(221, FORM_2019), "clean", "trs")


@case
def html_2019_word_city() -> Case:
    return page(record(222, FORM_2019, "city"), "word", "shaanxi")


@case
def html_2019_header_spans() -> Case:
    """Table 2 with header spans 1, 1, 2, 1 over figures 1, 2, 1, 1; table 3 as the form has it."""
    r = record(223, FORM_2019)
    rendered = render_html(r, "shifted_spans", "hanweb")
    clean = render_html(r, "clean", "hanweb")
    ends = rendered.text.index("</table>", rendered.text.index("第二十条第（一）项")) + 8
    other = clean.text.index("</table>", clean.text.index("第二十条第（一）项")) + 8
    return page(r, "clean", "hanweb", "odd_spans").but(
        source=(rendered.text[:ends] + clean.text[other:]).encode()
    )


@case
def html_hybrid_trs() -> Case:
    return page(record(224, "hybrid"), "clean", "trs", "hybrid")


@case
def html_hybrid_nested() -> Case:
    return page(record(225, "hybrid", "small"), "nested", None, "hybrid")


# -- numbers -----------------------------------------------------------------------------------


@case
def html_blank_zeros() -> Case:
    return page(record(231, style="blank_zeros"), "clean", "ucap", "blanks")


@case
def html_blank_nbsp() -> Case:
    return page(record(232, blanks=0.5), "paragraphs", "vsb", "blanks")


@case
def html_dashes() -> Case:
    return page(record(233, style="dashes"), "clean", "nfcms", "dashes")


@case
def html_long_dashes() -> Case:
    return page(record(234, style="long_dashes"), "spaced", "anhui", "dashes")


@case
def html_none_words() -> Case:
    """Zeros written 无."""
    return page(record(235, size="small", style=Style(zero="无")), "clean", "hanweb", "dashes")


@case
def html_thousands() -> Case:
    return page(
        record(236, size="city", style="thousands"),
        "clean",
        "trs",
        "thousands",
        truth={"findings": ("cell_repaired",)},
    )


@case
def html_full_width() -> Case:
    return page(
        record(237, style="full_width"),
        "paragraphs",
        "gkmlpt",
        "full_width",
        truth={"findings": ("cell_repaired",)},
    )


@case
def html_yuan_in_cell() -> Case:
    r = record(238, style="yuan")
    assert r.cells["proactive_disclosure/administrative_fees/amount"].unit == "元"
    return page(r, "word", "trs", "unit", truth={"findings": ("unit_in_cell",)})


@case
def html_wan_yuan_in_cell() -> Case:
    return page(record(239, style="wan_yuan"), "clean", "hanweb", "unit")


@case
def html_notes_in_cells() -> Case:
    return page(
        record(240, style="notes"),
        "clean",
        "shaanxi",
        "notes",
        truth={"findings": ("cell_repaired",)},
    )


@case
def html_2019_changes_signed() -> Case:
    return page(record(241, FORM_2019), "paragraphs", "ucap", "signed")


@case
def html_2019_changes_in_words() -> Case:
    return page(
        record(242, FORM_2019, style="change_words"),
        "clean",
        "vsb",
        "signed",
        truth={"findings": ("cell_repaired",)},
    )


@case
def html_2019_totals_blank() -> Case:
    """All totals of the outcome rows are blank, as one city office left them."""
    return page(record(243, FORM_2019, style="shanghai"), "clean", "trs", "blanks", "unit")


@case
def html_decimals() -> Case:
    """An amount with six decimal places, and one cell of padding white space."""
    fee = "proactive_disclosure/administrative_fees/amount"
    r = record(244).with_cell(
        fee, CellText("24252.311082", Decimal("24252.311082"), State.REPORTED, "万元")
    )
    return page(r, "clean", "nfcms", "decimals")


@case
def html_all_blank() -> Case:
    """The form published empty: blanks, never zeros."""
    return page(
        record(245, size="zero", style="blank_zeros"),
        "clean",
        "hanweb",
        "blanks",
        truth={"findings": ("all_blank",)},
    )


@case
def html_unreadable_cells() -> Case:
    """A cell with a word, one with two numbers, one with a sign that counts don't have."""
    granted = "requests/granted/natural_person"
    other = "requests/not_held/business"
    third = "proactive_disclosure/licensing/decisions"
    r = record(246)
    for path, ink in ((granted, "见附件"), (other, "1 2"), (third, "-30")):
        r = r.with_cell(path, CellText(ink, None, State.UNREADABLE, r.cells[path].unit))
    return page(r, "clean", "trs", "unreadable", truth={"findings": ("cell_unreadable",)})


@case
def html_blank_inside_number() -> Case:
    """14 069 with a blank for thousands."""
    r = record(247, size="city")
    path = "proactive_disclosure/penalties/decisions"
    r = r.with_cell(path, CellText("14 069", 14069, State.REPORTED, "件"))
    unit = r.layout.figures[r.layout.index[path]].unit
    r = r.with_cell(path, replace(r.cells[path], unit=unit))
    return page(
        r,
        "clean",
        "ucap",
        "inner_space",
        truth={"findings": ("cell_repaired",), "facts": {"repairs": {"inner_space": 1}}},
    )


# -- charsets and scripts ----------------------------------------------------------------------


@case
def html_gbk_labelled() -> Case:
    r = record(251)
    return page(r, "clean", "vsb", "charset", encoding="gbk").but(
        source=render_html(r, "clean", "vsb", "gbk").text.encode("gbk"), encoding="gb18030"
    )


@case
def html_gbk_says_utf8() -> Case:
    r = record(252)
    return page(
        r, "clean", "anhui", "lying_charset", truth={"findings": ("charset_label_wrong",)}
    ).but(source=render_html(r, "clean", "anhui").text.encode("gbk"), encoding="gb18030")


@case
def html_utf8_says_gb2312() -> Case:
    r = record(253)
    return page(
        r,
        "clean",
        "hanweb",
        "lying_charset",
        encoding="gb2312",
        truth={"findings": ("charset_label_wrong",)},
    )


@case
def html_header_and_meta_disagree() -> Case:
    """The header tells the truth (UTF-8), the page says gb2312."""
    r = record(254, size="small")
    return page(
        r,
        "clean",
        "trs",
        "lying_charset",
        encoding="gb2312",
        truth={"findings": ("charset_label_wrong",)},
    ).but(content_type="text/html; charset=utf-8")


@case
def html_utf8_cut_character() -> Case:
    """UTF-8 with one character of the prose cut: two stray bytes, two U+FFFD."""
    r = record(255)
    prose = r.sections["problems_and_improvements"]
    cut = prose[0].replace("存在", "\ufffd\ufffd在", 1)
    assert cut != prose[0]
    c = page(r, "clean", "trs", "charset", truth={"findings": ("charset_replaced",)})
    damaged = c.source.replace(
        prose[0].encode(), prose[0].encode().replace("存".encode(), "存".encode()[1:], 1)
    )
    shown = replace(r, sections={**r.sections, "problems_and_improvements": (cut, *prose[1:])})
    return c.but(source=damaged, truths=(replace(c.truths[0], record=shown),))


@case
def html_traditional_mirror() -> Case:
    r = record(256)
    c = page(
        r,
        "clean",
        None,
        "traditional",
        "mirror",
        truth={"script": traditional, "findings": ("mirror_text",)},
    )
    return c.but(source=on_text(c.source.decode(), traditional).encode())


@case
def html_glossed_mirror() -> Case:
    r = record(257)
    c = page(
        r,
        "paragraphs",
        None,
        "traditional",
        "glossed",
        "mirror",
        truth={"script": glossed, "findings": ("mirror_text", "text_glossed")},
    )
    return c.but(source=on_text(c.source.decode(), glossed).encode())


@case
def html_mojibake_phrase() -> Case:
    """A mirror that cut GBK text at its punctuation bytes: 三审三校”制度 has lost two bytes."""
    r = record(258, size="small")
    extra = "落实“三审三校”制度，确保内容准确。"
    r = replace(r, sections={**r.sections, "other_matters": (*r.sections["other_matters"], extra)})
    c = page(r, "clean", None, "mojibake", "mirror")
    damaged = mojibake_run(extra)
    return c.but(
        source=c.source.decode().replace(extra, damaged).encode(),
        truths=(
            replace(
                c.truths[0],
                record=replace(
                    r,
                    sections={
                        **r.sections,
                        "other_matters": (*r.sections["other_matters"][:-1], damaged),
                    },
                ),
                findings=("text_damage",),
            ),
        ),
    )


# -- published figures -------------------------------------------------------------------------

_REAL = Path(__file__).parent.parent.parent / "shared" / "corpus" / "real_figures.json"


def real(key: str, form: str, organ: str, year: int) -> Record:
    """Figures that were published, in a report of our own words."""
    figures = json.loads(_REAL.read_text("utf-8"))[key]["figures"]
    plain: dict[str, Any] = {}
    blanks = []
    in_yuan: dict[str, CellText] = {}
    for path, value in figures.items():
        if value is None:
            blanks.append(path)
        elif isinstance(value, str):
            number, unit = value.removesuffix("元"), "元" if value.endswith("元") else None
            plain[path] = Decimal(number)
            if unit:
                in_yuan[path] = CellText(value, Decimal(number), State.REPORTED, unit)
        else:
            plain[path] = value
    r = record_of(plain, form=form, organ=organ, year=year, rng=random.Random(year))
    for path, cell in in_yuan.items():
        r = r.with_cell(path, cell)
    for path in blanks:
        r = r.with_cell(path, replace(r.cells[path], text="", value=None, state=State.BLANK))
    return r


@case
def html_real_hybrid_2023() -> Case:
    """Published figures of a district, 23-row table 3; table 4 breaks its own sums."""
    r = real("hongze2023", "hybrid", "柳湾县人民政府", 2023)
    return page(
        r,
        "clean",
        "ucap",
        "hybrid",
        "real_figures",
        "broken_sums",
        truth={
            "findings": ("identity_broken",),
            "facts": {
                "broken_checks": [
                    "t4_review_total review",
                    "t4_litigation_after_review_total litigation_after_review",
                ]
            },
        },
    )


@case
def html_real_2019_totals_blank() -> Case:
    """A city office: 135 blank cells, all totals of the outcome rows among them; 251000元."""
    r = real("shanghai_office_2019", FORM_2019, "云岭市人民政府办公室", 2019)
    return page(r, "paragraphs", "ucap", "real_figures", "blanks", "unit")


@case
def html_real_2019_yuan() -> Case:
    r = real("pingtan_2019", FORM_2019, "沙溪县人民政府", 2019)
    return page(r, "clean", "nfcms", "real_figures", "unit")


@case
def html_real_2021_decimals() -> Case:
    r = real("pingtan_2021", FORM_2021, "沙溪县人民政府", 2021)
    return page(r, "spaced", "nfcms", "real_figures", "decimals")


@case
def html_real_2023_city() -> Case:
    r = real("suqian2023", FORM_2021, "望川市人民政府", 2023)
    return page(r, "word", "ucap", "real_figures", "decimals")


@case
def html_real_2024_one_blank() -> Case:
    r = real("shanghai_kewei_2024", FORM_2021, "云岭市科学技术委员会", 2024)
    # 34 + 2 against 35 and a blank: 总计 of row 四 was left blank over a part of 1, so the
    # row's sum and the balance of its column can't be checked; no identity is broken.
    return page(r, "clean", "shaanxi", "real_figures", "blanks")

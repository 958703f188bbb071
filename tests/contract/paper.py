"""One report of the 2021 form, typed out by hand, in five formats.

Nothing here is taken from the library: the labels are those of the official form, the numbers come
from a formula by which all sums hold and neighbouring cells differ, and the files are written with
the standard library. So what the tests expect is worked out beside the parser, not by it.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cache
from html import escape

ORGAN = "白杨县水务局"
TITLE = f"{ORGAN}2023年政府信息公开工作年度报告"
PERIOD = "本报告所列数据的统计期限自2023年1月1日起至2023年12月31日止。"

APPLICANTS = (
    ("natural_person", "自然人"),
    ("business", "商业企业"),
    ("research_institution", "科研机构"),
    ("public_interest_org", "社会公益组织"),
    ("legal_service_org", "法律服务机构"),
    ("other_org", "其他"),
    ("total", "总计"),
)
GROUPS = (
    ("", (("requests_received", "一、本年新收政府信息公开申请数量"),)),
    ("", (("requests_carried_in", "二、上年结转政府信息公开申请数量"),)),
    ("", (("granted", "（一）予以公开"),)),
    ("", (("granted_in_part", "（二）部分公开（区分处理的，只计这一情形，不计其他情形）"),)),
    (
        "（三）不予公开",
        (
            ("refused_state_secret", "1.属于国家秘密"),
            ("refused_prohibited_by_law", "2.其他法律行政法规禁止公开"),
            ("refused_security_stability", "3.危及“三安全一稳定”"),
            ("refused_third_party_rights", "4.保护第三方合法权益"),
            ("refused_internal_affairs", "5.属于三类内部事务信息"),
            ("refused_process_information", "6.属于四类过程性信息"),
            ("refused_enforcement_file", "7.属于行政执法案卷"),
            ("refused_administrative_inquiry", "8.属于行政查询事项"),
        ),
    ),
    (
        "（四）无法提供",
        (
            ("not_held", "1.本机关不掌握相关政府信息"),
            ("needs_creation", "2.没有现成信息需要另行制作"),
            ("still_unclear", "3.补正后申请内容仍不明确"),
        ),
    ),
    (
        "（五）不予处理",
        (
            ("petition_complaint", "1.信访举报投诉类申请"),
            ("repeated_request", "2.重复申请"),
            ("publication_requested", "3.要求提供公开出版物"),
            ("excessive_requests", "4.无正当理由大量反复申请"),
            ("confirm_or_reissue", "5.要求行政机关确认或重新出具已获取信息"),
        ),
    ),
    (
        "（六）其他处理",
        (
            (
                "lapsed_no_clarification",
                "1.申请人无正当理由逾期不补正、行政机关不再处理其政府信息公开申请",
            ),
            (
                "lapsed_fee_unpaid",
                "2.申请人逾期未按收费通知要求缴纳费用、行政机关不再处理其政府信息公开申请",
            ),
            ("other_handling_other", "3.其他"),
        ),
    ),
    ("", (("outcomes_total", "（七）总计"),)),
    ("", (("carried_forward", "四、结转下年度继续办理"),)),
)
ROWS = tuple(row for _, rows in GROUPS for row, _ in rows)
OUTCOMES = tuple(r for r in ROWS[2:] if r not in ("outcomes_total", "carried_forward"))
BLOCKS = (("review", "行政复议"), ("litigation_direct", "未经复议直接起诉"))
BLOCKS += (("litigation_after_review", "复议后起诉"),)
RESULTS = (
    ("upheld", "结果维持"),
    ("corrected", "结果纠正"),
    ("other_outcome", "其他结果"),
    ("pending", "尚未审结"),
    ("total", "总计"),
)
ANNOUNCED = {
    "rules/issued": 2,
    "rules/repealed": 1,
    "rules/in_force": 14,
    "normative_documents/issued": 31,
    "normative_documents/repealed": 7,
    "normative_documents/in_force": 203,
    "licensing/decisions": 1846,
    "penalties/decisions": 92,
    "coercive_measures/decisions": 5,
    "administrative_fees/amount": Decimal("38.25"),
}

Truth = dict[str, int | Decimal]
Cells = Mapping[str, str]


@cache
def _truth() -> Truth:
    out: Truth = {f"proactive_disclosure/{k}": v for k, v in ANNOUNCED.items()}
    for row in ROWS:
        for column, _ in APPLICANTS:
            out[f"requests/{row}/{column}"] = 0
    for j, (column, _) in enumerate(APPLICANTS[:-1]):
        for i, row in enumerate(OUTCOMES):
            out[f"requests/{row}/{column}"] = (7 * i + 3 * j + 1) % 11
        done = sum((7 * i + 3 * j + 1) % 11 for i in range(len(OUTCOMES)))
        out[f"requests/outcomes_total/{column}"] = done
        out[f"requests/carried_forward/{column}"] = j + 2
        out[f"requests/requests_carried_in/{column}"] = j + 1
        out[f"requests/requests_received/{column}"] = done + 1
    for row in ROWS:
        parts = [out[f"requests/{row}/{column}"] for column, _ in APPLICANTS[:-1]]
        out[f"requests/{row}/total"] = sum(parts)
    for i, (block, _) in enumerate(BLOCKS):
        parts = [5 + i, 3 * i, 1, 4 - i]
        for (column, _), value in zip(RESULTS, [*parts, sum(parts)], strict=True):
            out[f"review_and_litigation/{block}/{column}"] = value
    return out


def truth() -> Truth:
    """Path to value, in the order of the form."""
    return dict(_truth())


def cells(changes: Cells | None = None) -> dict[str, str]:
    """Path to what is printed; ``changes`` print something else."""
    return {path: str(value) for path, value in _truth().items()} | dict(changes or {})


# -- HTML ------------------------------------------------------------------------------------------


def html(changes: Cells | None = None, *, unit: str = "单位：万元", organ: str = ORGAN) -> str:
    """The page."""
    title = TITLE.replace(ORGAN, organ)
    return (
        f'<!doctype html><html><head><meta charset="utf-8"><title>{title}</title></head><body>'
        f"<h1>{title}</h1><p>{PERIOD}</p>{body(changes, unit=unit)}</body></html>"
    )


def body(changes: Cells | None = None, *, unit: str = "单位：万元") -> str:
    """Sections and tables of the page."""
    c = cells(changes)
    return "".join(
        (
            "<h2>一、总体情况</h2><p>全年主动公开各类信息六百余条，未发生重大舆情。</p>",
            f"<h2>二、主动公开政府信息情况</h2><table>{_announced(c, unit)}</table>",
            f"<h2>三、收到和处理政府信息公开申请情况</h2><table>{_requests(c)}</table>",
            f"<h2>四、政府信息公开行政复议、行政诉讼情况</h2><table>{_review(c)}</table>",
            "<h2>五、存在的主要问题及改进情况</h2><p>公开渠道还不够多样，将继续改进。</p>",
            "<h2>六、其他需要报告的事项</h2><p>本年度未收取信息处理费。</p>",
        )
    )


def _tr(*cells_: str) -> str:
    return f"<tr>{''.join(cells_)}</tr>"


def _td(text: str, across: int = 1, down: int = 1) -> str:
    return f'<td colspan="{across}" rowspan="{down}">{escape(text)}</td>'


def _announced(c: Cells, unit: str) -> str:
    def block(article: str, heads: list[str], rows: list[tuple[str, str, list[str]]]) -> str:
        last = 4 - len(heads)
        lines = [_tr(_td(article, 4))]
        lines.append(_tr(_td("信息内容"), *map(_td, heads[:-1]), _td(heads[-1], last)))
        for label, row, columns in rows:
            shown = [c[f"proactive_disclosure/{row}/{column}"] for column in columns]
            lines.append(_tr(_td(label), *map(_td, shown[:-1]), _td(shown[-1], last)))
        return "".join(lines)

    made = ["issued", "repealed", "in_force"]
    heads = ["本年制发件数", "本年废止件数", "现行有效件数"]
    one = ["decisions"]
    return "".join(
        (
            block(
                "第二十条第（一）项",
                heads,
                [("规章", "rules", made), ("行政规范性文件", "normative_documents", made)],
            ),
            block("第二十条第（五）项", ["本年处理决定数量"], [("行政许可", "licensing", one)]),
            block(
                "第二十条第（六）项",
                ["本年处理决定数量"],
                [("行政处罚", "penalties", one), ("行政强制", "coercive_measures", one)],
            ),
            block(
                "第二十条第（八）项",
                [f"本年收费金额（{unit}）"],
                [("行政事业性收费", "administrative_fees", ["amount"])],
            ),
        )
    )


def _requests(c: Cells) -> str:
    note = "（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）"
    names = [name for _, name in APPLICANTS]
    lines = [
        _tr(_td(note, 3, 3), _td("申请人情况", 7)),
        _tr(_td(names[0], 1, 2), _td("法人或其他组织", 5), _td(names[6], 1, 2)),
        _tr(*map(_td, names[1:6])),
    ]
    of_outcomes = len(OUTCOMES) + 1
    for group, rows in GROUPS:
        for n, (row, label) in enumerate(rows):
            lead = []
            if row == "granted":
                lead.append(_td("三、本年度办理结果", 1, of_outcomes))
            if group and n == 0:
                lead.append(_td(group, 1, len(rows)))
            inside = row in OUTCOMES or row == "outcomes_total"
            across = 1 if group else 2 if inside else 3
            shown = [c[f"requests/{row}/{column}"] for column, _ in APPLICANTS]
            lines.append(_tr(*lead, _td(label, across), *map(_td, shown)))
    return "".join(lines)


def _review(c: Cells) -> str:
    names = [name for _, name in RESULTS]
    shown = [c[f"review_and_litigation/{b}/{r}"] for b, _ in BLOCKS for r, _ in RESULTS]
    return "".join(
        (
            _tr(_td("行政复议", 5, 2), _td("行政诉讼", 10)),
            _tr(_td(BLOCKS[1][1], 5), _td(BLOCKS[2][1], 5)),
            _tr(*map(_td, names * 3)),
            _tr(*map(_td, shown)),
        )
    )


# -- grids, and the formats made of them -----------------------------------------------------------

Grid = list[list[str]]


def grids(changes: Cells | None = None) -> tuple[Grid, Grid, Grid]:
    """The three tables as plain grids: a spanning cell leaves the other places it covers empty."""
    c = cells(changes)
    made = ["本年制发件数", "本年废止件数", "现行有效件数"]
    one = ["本年处理决定数量", "", ""]
    heads = {"第一": made, "第五": one, "第六": one, "第八": ["本年收费金额（单位：万元）", "", ""]}
    labels = {
        "rules": ("第一", "规章"),
        "normative_documents": ("", "行政规范性文件"),
        "licensing": ("第五", "行政许可"),
        "penalties": ("第六", "行政处罚"),
        "coercive_measures": ("", "行政强制"),
        "administrative_fees": ("第八", "行政事业性收费"),
    }
    announced: Grid = []
    for row, (article, label) in labels.items():
        if article:
            announced.append([f"第二十条第（{article[1]}）项", "", "", ""])
            announced.append(["信息内容", *heads[article]])
        shown = [c[f"proactive_disclosure/{p}"] for p in ANNOUNCED if p.startswith(row + "/")]
        announced.append([label, *shown, *[""] * (3 - len(shown))])
    names = [name for _, name in APPLICANTS]
    requests: Grid = [
        ["", "", "", "申请人情况", *[""] * 6],
        ["", "", "", names[0], "法人或其他组织", *[""] * 4, names[6]],
        ["", "", "", "", *names[1:6], ""],
    ]
    for group, rows in GROUPS:
        for n, (row, label) in enumerate(rows):
            lead = ["三、本年度办理结果" if row == "granted" else "", "", ""]
            if group:
                lead[1:] = [group if n == 0 else "", label]
            else:
                lead[1 if row in OUTCOMES or row == "outcomes_total" else 0] = label
            requests.append([*lead, *(c[f"requests/{row}/{a}"] for a, _ in APPLICANTS)])
    review: Grid = [
        ["行政复议", *[""] * 4, "行政诉讼", *[""] * 9],
        [*[""] * 5, BLOCKS[1][1], *[""] * 4, BLOCKS[2][1], *[""] * 4],
        [name for _, name in RESULTS] * 3,
        [c[f"review_and_litigation/{b}/{r}"] for b, _ in BLOCKS for r, _ in RESULTS],
    ]
    return announced, requests, review


def _parts(changes: Cells | None) -> list[str | Grid]:
    announced, requests, review = grids(changes)
    return [
        TITLE,
        PERIOD,
        "一、总体情况",
        "全年主动公开各类信息六百余条，未发生重大舆情。",
        "二、主动公开政府信息情况",
        announced,
        "三、收到和处理政府信息公开申请情况",
        requests,
        "四、政府信息公开行政复议、行政诉讼情况",
        review,
        "五、存在的主要问题及改进情况",
        "公开渠道还不够多样，将继续改进。",
        "六、其他需要报告的事项",
        "本年度未收取信息处理费。",
    ]


def text(changes: Cells | None = None) -> str:
    """Text with tables of pipes."""
    lines: list[str] = []
    for part in _parts(changes):
        if isinstance(part, str):
            lines += [part, ""]
        else:
            lines += ["| " + " | ".join(row) + " |" for row in part]
            lines.append("")
    return "\n".join(lines)


def docx(changes: Cells | None = None) -> bytes:
    """A Word document."""
    out = []
    for part in _parts(changes):
        if isinstance(part, str):
            out.append(f"<w:p><w:r><w:t>{escape(part)}</w:t></w:r></w:p>")
            continue
        grid = "<w:gridCol/>" * len(part[0])
        rows = "".join(
            "<w:tr>"
            + "".join(
                f"<w:tc><w:p><w:r><w:t>{escape(cell)}</w:t></w:r></w:p></w:tc>" for cell in row
            )
            + "</w:tr>"
            for row in part
        )
        out.append(f"<w:tbl><w:tblGrid>{grid}</w:tblGrid>{rows}</w:tbl>")
    main = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    return _package(
        "word/document.xml",
        kind,
        "officeDocument",
        f'<w:document xmlns:w="{main}"><w:body>{"".join(out)}</w:body></w:document>',
        {},
    )


def xlsx(changes: Cells | None = None) -> bytes:
    """A workbook with one sheet."""
    rows: list[list[str]] = []
    for part in _parts(changes):
        rows += [[part]] if isinstance(part, str) else part

    def cell(value: str) -> str:
        try:
            return f"<c><v>{Decimal(value)}</v></c>"
        except ArithmeticError:
            return f'<c t="inlineStr"><is><t>{escape(value)}</t></is></c>'

    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    sheet = "".join(f"<row>{''.join(map(cell, row))}</row>" for row in rows)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    return _package(
        "xl/workbook.xml",
        kind,
        "officeDocument",
        f'<workbook xmlns="{main}" xmlns:r="{relations}"><sheets>'
        '<sheet name="年报" sheetId="1" r:id="rId1"/></sheets></workbook>',
        {
            "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/'
            f'package/2006/relationships"><Relationship Id="rId1" Type="{relations}/worksheet" '
            'Target="worksheets/sheet1.xml"/></Relationships>',
            "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{sheet}'
            "</sheetData></worksheet>",
        },
    )


def _package(name: str, kind: str, relation: str, xml: str, more: Mapping[str, str]) -> bytes:
    base = "http://schemas.openxmlformats.org"
    files = {
        "[Content_Types].xml": f'<Types xmlns="{base}/package/2006/content-types">'
        f'<Override PartName="/{name}" ContentType="{kind}"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{base}/package/2006/relationships"><Relationship '
        f'Id="rId1" Type="{base}/officeDocument/2006/relationships/{relation}" Target="{name}"/>'
        "</Relationships>",
        name: xml,
        **more,
    }
    return zipped({k: v.encode() for k, v in files.items()})


def zipped(files: Mapping[str, bytes]) -> bytes:
    """An archive of files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


FORMATS: dict[str, Callable[[], bytes]] = {
    "html": lambda: html().encode(),
    "html in GBK": lambda: html().replace("utf-8", "gb2312").encode("gb18030"),
    "text": lambda: text().encode(),
    "docx": docx,
    "xlsx": xlsx,
    "zip": lambda: zipped({"说明.txt": "目录".encode(), "附件/年报.docx": docx()}),
}

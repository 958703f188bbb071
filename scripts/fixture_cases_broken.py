"""Documents of which no report can be made: each names the error class and part of its message."""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Callable

from fixture_case import BY_HAND, FORM_2021, Case
from fixture_documents import docx, docx_package, pdf, pdf_encrypted, pdf_of_pictures, zipped

from govreport_parse.testing import random_record, render_text

BROKEN_CASES: list[Callable[[], Case]] = []


def case(build: Callable[[], Case]) -> Callable[[], Case]:
    BROKEN_CASES.append(build)
    return build


def broken(
    source: bytes | str,
    suffix: str,
    kind: str,
    error: str,
    message: str = "",
    hint: str = "",
    *tags: str,
) -> Case:
    data = source.encode() if isinstance(source, str) else source
    return Case(
        data,
        suffix,
        kind,
        encoding="utf-8" if isinstance(source, str) else None,
        tags=(kind, error, *tags),
        how=BY_HAND,
        error=(error, message, hint),
    )


WITH_SCAN = (("NotAReportError", "no table and no section", ""),)
"""With the extra the picture is looked at, and shows nothing."""


def web(title: str, *paragraphs: str, more: str = "") -> str:
    body = "\n".join(f"<p>{p}</p>" for p in paragraphs)
    return (
        f'<!DOCTYPE html>\n<html><head><meta charset="utf-8"><title>{title}</title></head>\n'
        f'<body><div class="article"><h1>{title}</h1>\n{body}\n{more}</div></body></html>\n'
    )


# -- formats -----------------------------------------------------------------------------------


@case
def format_empty_file() -> Case:
    return broken(b"", ".html", "empty", "UnsupportedFormatError", "empty file", "fetch")


@case
def format_png_picture() -> Case:
    rows = b"".join(b"\0" + bytes([200, 30, 90] * 4) for _ in range(4))

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    head = struct.pack(">IIBBBBB", 4, 4, 8, 2, 0, 0, 0)
    data = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return broken(
        b"\x89PNG\r\n\x1a\n" + data, ".png", "image", "ScannedDocumentError", "is a picture", "scan"
    ).but(other_errors=WITH_SCAN)


@case
def format_zip_of_pages() -> Case:
    """An archive without a report: the members are named."""
    page = web("柳湾县举行读书活动", "四月二十三日，全县举行读书活动，参加者三百人。")
    return broken(
        zipped({"news.html": page, "list.txt": "目录"}),
        ".zip",
        "zip",
        "NotAReportError",
        "news.html",
    )


@case
def format_rar() -> Case:
    return broken(
        b"Rar!\x1a\x07\x01\x00" + bytes(range(64)),
        ".rar",
        "rar",
        "UnsupportedFormatError",
        "RAR",
        "unpack",
    )


@case
def format_binary() -> Case:
    data = bytes(random.Random(502).randbytes(400))
    return broken(
        b"\x00\x01\x02\x00" + data, ".bin", "binary", "UnsupportedFormatError", "binary data"
    )


@case
def format_pdf_with_password() -> Case:
    return broken(
        pdf_encrypted("annual report"), ".pdf", "pdf", "UnsupportedFormatError", "password"
    )


@case
def format_pdf_cut() -> Case:
    """The first 300 bytes of a PDF: no table of objects, no page."""
    data = pdf(random_record(random.Random(503), FORM_2021, "small"))[:300]
    return broken(data, ".pdf", "pdf", "UnsupportedFormatError", "PDF")


@case
def format_docx_cut() -> Case:
    """A download that broke off: the archive has no directory."""
    data = docx(random_record(random.Random(504), FORM_2021, "small"))
    return broken(data[: len(data) // 2], ".docx", "docx", "DecodeError")


@case
def format_docx_without_body() -> Case:
    ns = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    return broken(
        docx_package(f'<w:document xmlns:w="{ns}"></w:document>'),
        ".docx",
        "docx",
        "DecodeError",
        "no body",
    )


# -- charsets, scans, limits -------------------------------------------------------------------


@case
def charset_unknown() -> Case:
    """Pairs of bytes that are Chinese in no charset: a page after two conversions too many."""
    rng = random.Random(505)
    lines = [bytes(rng.choice(range(0x81, 0xA0)) for _ in range(60)) for _ in range(30)]
    page = b"<html><body>" + b"".join(b"<p>" + x + b"</p>\n" for x in lines) + b"</body></html>"
    return broken(page, ".html", "html", "UnknownEncodingError", "charset", "UTF-8")


@case
def scan_pdf_of_pictures() -> Case:
    return broken(
        pdf_of_pictures([None, None]), ".pdf", "pdf", "ScannedDocumentError", "no page", "scan"
    ).but(other_errors=WITH_SCAN)


@case
def limit_nested_elements() -> Case:
    """600 nested div: more than a page has, and what makes recursive readers fall over."""
    page = "<html><body>" + "<div>" * 600 + "政府信息公开工作年度报告" + "</div>" * 600
    return broken(page + "</body></html>", ".html", "html", "LimitExceededError")


@case
def limit_table_area() -> Case:
    """Twenty cells of a thousand columns each, in a table of two thousand rows."""
    rows = "<tr>" + "<td colspan=1000>0" * 20 + "</tr>" + "<tr><td>0</tr>" * 2000
    return broken(
        f"<html><body><table>{rows}</table></body></html>", ".html", "html", "LimitExceededError"
    )


# -- pages that are no report ------------------------------------------------------------------

NONE = "NotAReportError"
_NONE_HINT = "govreport show --stage blocks"


@case
def page_interpretation() -> Case:
    return broken(
        web(
            "《柳湾县2023年政府信息公开工作年度报告》文字解读",
            "近日，我县发布了2023年政府信息公开工作年度报告，现将主要内容介绍如下。",
            "报告共分六个部分，介绍了主动公开、依申请公开和平台建设的有关情况。",
            "下一步，我县将继续做好公开工作，方便群众查询和使用信息。",
        ),
        ".html",
        "html",
        NONE,
        "解读",
        _NONE_HINT,
    )


@case
def page_notice() -> Case:
    return broken(
        web(
            "关于做好2023年政府信息公开工作年度报告编制和发布工作的通知",
            "各乡镇人民政府，县直各单位：",
            "为做好年度报告的编制工作，现将有关事项通知如下。",
            "一是按照统一格式编写，二是核对数据，三是在规定时间以前发布。",
        ),
        ".html",
        "html",
        NONE,
        "notice",
    )


@case
def page_statistics() -> Case:
    return broken(
        web(
            "柳湾县2023年上半年政府信息公开情况统计",
            "上半年全县主动公开信息一千二百条，其中通过网站公开九百条。",
            "收到公开申请十二件，已全部答复。",
        ),
        ".html",
        "html",
        NONE,
        "statistics",
    )


@case
def page_work_summary() -> Case:
    return broken(
        web(
            "柳湾县财政局2023年政务公开工作总结",
            "一年来，我局认真落实公开要求，现将工作情况总结如下。",
            "我们明确了分管领导和经办人员，按月更新栏目，全年没有出现差错。",
            "今后要进一步提高认识，加强学习，把工作做得更好。",
        ),
        ".html",
        "html",
        NONE,
        "工作总结",
    )


@case
def page_list_of_reports() -> Case:
    organs = ("财政局", "教育局", "水利局", "审计局", "民政局", "统计局")
    items = "".join(
        f'<li><a href="/nb/{i}.html">柳湾县{o}2023年政府信息公开工作年度报告</a><span>2024-01-2{i}'
        "</span></li>"
        for i, o in enumerate(organs)
    )
    return broken(
        f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>政府信息公开年报</title></head>'
        f"<body><ul>{items}</ul></body></html>",
        ".html",
        "html",
        NONE,
        "lists reports",
    )


@case
def page_error_404() -> Case:
    return broken(
        '<!DOCTYPE html><html><head><meta charset="utf-8"><title>404</title></head><body>'
        "<p>抱歉，您访问的页面不存在或已删除</p></body></html>",
        ".html",
        "html",
        NONE,
        "error page",
    )


@case
def page_other_news() -> Case:
    return broken(
        web("柳湾县举行春季植树活动", "三月十二日，全县机关干部到河边植树，共栽种树苗三百株。"),
        ".html",
        "html",
        NONE,
        "no table and no section",
        _NONE_HINT,
    )


@case
def page_script_shell() -> Case:
    """A page that a script fills: the file itself has nothing."""
    return broken(
        '<!DOCTYPE html><html><head><meta charset="utf-8"><title>年度报告</title></head><body>'
        '<div id="app"></div><script src="/static/js/app.js"></script></body></html>',
        ".html",
        "html",
        NONE,
    )


@case
def page_content_in_iframe() -> Case:
    return broken(
        '<!DOCTYPE html><html><head><meta charset="utf-8"><title>年度报告</title></head><body>'
        '<p>政府信息公开</p><iframe src="/viewer?file=2023.pdf"></iframe></body></html>',
        ".html",
        "html",
        NONE,
    )


@case
def page_only_attachment() -> Case:
    """The article is a link to a file."""
    return broken(
        web(
            "柳湾县审计局年度报告",
            "点击下载附件",
            more='<p><a href="P020240130.docx">附件：柳湾县审计局年度报告.docx</a></p>',
        ),
        ".html",
        "html",
        NONE,
    )


@case
def text_contract() -> Case:
    """A text with tables of another kind."""
    return broken(
        "采购合同公示\n项目 | 数量 | 金额 |\n办公桌 | 12 | 9600 |\n打印机 | 3 | 5400 |\n"
        "合计 | 15 | 15000\n",
        ".txt",
        "text",
        NONE,
        "no table and no section",
    )


@case
def text_one_line_mention() -> Case:
    """A sentence that only mentions a report."""
    r = random_record(random.Random(506), FORM_2021, "small")
    assert r.title not in render_text(r, "B", title=False).text
    return broken("本局的政府信息公开工作年度报告将于月底发布。\n", ".txt", "text", NONE)

"""A report of 2016 outside the annual forms: prose and an indicator table of its own."""

from __future__ import annotations

import govreport_parse as gov

ROWS = (
    ("指标", "计量单位", "代码", "数量"),
    ("主动公开政府信息数", "条", "01", "345"),
    ("设立咨询点", "个", "02", "4"),
    ("联系 13812345678", "人次", "03", "—"),
    ("接待来访", "人次", "04", ""),
)
PROSE = (
    "一、概述",
    "2016年，我县按照《中华人民共和国政府信息公开条例》的要求，做好政府信息公开工作。" * 8,
    "二、主动公开政府信息情况",
    "本年度主动公开政府信息345条。" + "公开的内容有机构职能、规范性文件和工作动态。" * 8,
    "三、依申请公开政府信息情况",
    "本年度收到申请2件，均已答复。",
)


def older(organ: str = "柳湾县人民政府") -> gov.Report:
    """Parsed from a page."""
    title = f"{organ}2016年政府信息公开年度报告"
    text = "".join(f"<p>{t}</p>" for t in PROSE)
    rows = "".join("<tr>" + "".join(f"<td>{c}</td>" for c in row) + "</tr>" for row in ROWS)
    page = f"<h1>{title}</h1>{text}<table>{rows}</table>"
    return gov.parse(f"<html><head><title>{title}</title></head><body>{page}</body></html>")

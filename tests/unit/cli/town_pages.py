"""Pages of an invented town, written from the form with figures that the test chooses."""

from __future__ import annotations

from collections.abc import Mapping

from handmade import PD, RL, RQ, TOWN

from govreport_parse.formbook import Row, form
from govreport_parse.values import State

FORM = form("ogi_annual_2021")
SIGNS = {State.BLANK: "", State.DASH: "—"}


def _cell(figures: Mapping[str, object], path: str) -> str:
    value = figures.get(path, 0)
    text = SIGNS[value] if isinstance(value, State) else str(value)
    return f"<td>{text}</td>"


def _proactive(figures: Mapping[str, object]) -> str:
    out = []
    for block in FORM.table(PD).blocks:
        spare = 4 - len(block.columns)
        out.append(f'<tr><td colspan="4">{block.label}</td></tr>')
        heads = "".join(f"<td>{c.label}</td>" for c in block.columns[:-1])
        last = f'<td colspan="{spare}">{block.columns[-1].label}</td>'
        out.append(f"<tr><td>信息内容</td>{heads}{last}</tr>")
        for row in block.data_rows:
            paths = [f"{PD}/{row.key}/{c.key}" for c in block.columns]
            cells = "".join(_cell(figures, p) for p in paths[:-1])
            cells += _cell(figures, paths[-1]).replace("<td", f'<td colspan="{spare}"')
            out.append(f"<tr><td>{row.printed}</td>{cells}</tr>")
    return "".join(out)


def _requests(figures: Mapping[str, object]) -> str:
    (block,) = FORM.table(RQ).blocks
    names = [c.label for c in block.columns]
    out = [
        '<tr><td colspan="3" rowspan="3">（本列数据的勾稽关系为：第一项加第二项之和，'
        '等于第三项加第四项之和）</td><td colspan="7">申请人情况</td></tr>',
        f'<tr><td rowspan="2">{names[0]}</td><td colspan="5">法人或其他组织</td>'
        f'<td rowspan="2">{names[6]}</td></tr>',
        "<tr>" + "".join(f"<td>{n}</td>" for n in names[1:6]) + "</tr>",
    ]
    size = {key: sum(_below(r, key) for r in block.data_rows) for key in _groups()}
    opened: list[Row] = []
    for row in block.rows:
        if not row.is_data:
            opened.append(row)
            continue
        lead = "".join(f'<td rowspan="{size[g.key]}">{g.printed}</td>' for g in opened)
        opened = []
        depth = 0 if row.parent is None else 1 if row.parent == "outcomes" else 2
        cells = "".join(_cell(figures, f"{RQ}/{row.key}/{c.key}") for c in block.columns)
        out.append(f'<tr>{lead}<td colspan="{3 - depth}">{row.printed}</td>{cells}</tr>')
    return "".join(out)


def _groups() -> dict[str, str | None]:
    return {r.key: r.parent for r in FORM.table(RQ).rows if not r.is_data}


def _below(row: Row, group: str) -> bool:
    parent = row.parent
    while parent is not None and parent != group:
        parent = _groups()[parent]
    return parent == group


def _review(figures: Mapping[str, object]) -> str:
    (block,) = FORM.table(RL).blocks
    names = "".join(f"<td>{c.label}</td>" for c in block.columns)
    cells = "".join(
        _cell(figures, f"{RL}/{row.key}/{c.key}") for row in block.rows for c in block.columns
    )
    return (
        '<tr><td colspan="5" rowspan="2">行政复议</td><td colspan="10">行政诉讼</td></tr>'
        '<tr><td colspan="5">未经复议直接起诉</td><td colspan="5">复议后起诉</td></tr>'
        f"<tr>{names * 3}</tr><tr>{cells}</tr>"
    )


def page(changes: Mapping[str, object] | None = None, organ: str = "青石镇人民政府") -> str:
    """The page of an invented town for 2023; ``changes`` replace figures of ``TOWN``."""
    figures = {**TOWN, **(changes or {})}
    title = f"{organ}2023年政府信息公开工作年度报告"
    return f"""<!DOCTYPE html><html><head><meta charset="utf-8"><title>{title}</title></head><body>
<h1>{title}</h1>
<p>本报告的统计期限为2023年1月1日至2023年12月31日。</p>
<p>一、总体情况</p><p>本镇全年公开信息一百二十条，工作平稳。</p>
<p>二、主动公开政府信息情况</p><table>{_proactive(figures)}</table>
<p>三、收到和处理政府信息公开申请情况</p><table>{_requests(figures)}</table>
<p>四、政府信息公开行政复议、行政诉讼情况</p><table>{_review(figures)}</table>
<p>五、存在的主要问题及改进情况</p><p>解读形式还比较单一，将继续改进。</p>
<p>六、其他需要报告的事项</p><p>无。</p>
</body></html>"""

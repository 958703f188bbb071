"""The official grids of the 2021 form, written from the domain guide, filled with any numbers."""

from __future__ import annotations

from collections.abc import Callable

from .pdf_maker import GridCellSpec

Fill = Callable[[], str]

REQUEST_ROWS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("（一）予以公开", ()),
    ("（二）部分公开", ()),
    (
        "（三）不予公开",
        (
            "1.属于国家秘密",
            "2.其他法律行政法规禁止公开",
            "3.危及“三安全一稳定”",
            "4.保护第三方合法权益",
            "5.属于三类内部事务信息",
            "6.属于四类过程性信息",
            "7.属于行政执法案卷",
            "8.属于行政查询事项",
        ),
    ),
    (
        "（四）无法提供",
        (
            "1.本机关不掌握相关政府信息",
            "2.没有现成信息需要另行制作",
            "3.补正后申请内容仍不明确",
        ),
    ),
    (
        "（五）不予处理",
        (
            "1.信访举报投诉类申请",
            "2.重复申请",
            "3.要求提供公开出版物",
            "4.无正当理由大量反复申请",
            "5.要求行政机关确认或重新出具",
        ),
    ),
    ("（六）其他处理", ("1.逾期不补正", "2.逾期未缴纳费用", "3.其他")),
    ("（七）总计", ()),
)


def disclosure(fill: Fill) -> list[GridCellSpec]:
    """Table 2: 14 rows, 4 columns."""
    cells: list[GridCellSpec] = []
    row = 0

    def add(texts: list[str], spans: list[int]) -> None:
        nonlocal row
        column = 0
        for text, span in zip(texts, spans, strict=True):
            cells.append(GridCellSpec(row, column, 1, span, text))
            column += span
        row += 1

    add(["第二十条第（一）项"], [4])
    add(["信息内容", "本年制发件数", "本年废止件数", "现行有效件数"], [1, 1, 1, 1])
    add(["规章", fill(), fill(), fill()], [1, 1, 1, 1])
    add(["行政规范性文件", fill(), fill(), fill()], [1, 1, 1, 1])
    for article, column_head, labels in (
        ("第二十条第（五）项", "本年处理决定数量", ["行政许可"]),
        ("第二十条第（六）项", "本年处理决定数量", ["行政处罚", "行政强制"]),
        ("第二十条第（八）项", "本年收费金额（单位：万元）", ["行政事业性收费"]),
    ):
        add([article], [4])
        add(["信息内容", column_head], [1, 3])
        for label in labels:
            add([label, fill()], [1, 3])
    return cells


def requests(fill: Fill) -> list[GridCellSpec]:
    """Table 3: 28 rows, 10 columns, the first three of them labels."""
    cells = [
        GridCellSpec(0, 0, 3, 3, "（本列数据的勾稽关系）"),
        GridCellSpec(0, 3, 1, 7, "申请人情况"),
        GridCellSpec(1, 3, 2, 1, "自然人"),
        GridCellSpec(1, 4, 1, 5, "法人或其他组织"),
        GridCellSpec(1, 9, 2, 1, "总计"),
    ]
    for k, text in enumerate(("商业企业", "科研机构", "公益组织", "法律机构", "其他")):
        cells.append(GridCellSpec(2, 4 + k, 1, 1, text))
    row = 3

    def numbers() -> None:
        nonlocal row
        cells.extend(GridCellSpec(row, 3 + k, 1, 1, fill()) for k in range(7))
        row += 1

    for label in ("一、本年新收政府信息公开申请数量", "二、上年结转政府信息公开申请数量"):
        cells.append(GridCellSpec(row, 0, 1, 3, label))
        numbers()
    height = sum(max(len(inner), 1) for _, inner in REQUEST_ROWS)
    cells.append(GridCellSpec(row, 0, height, 1, "三、结果"))
    for label, inner in REQUEST_ROWS:
        if not inner:
            cells.append(GridCellSpec(row, 1, 1, 2, label))
            numbers()
            continue
        cells.append(GridCellSpec(row, 1, len(inner), 1, label))
        for text in inner:
            cells.append(GridCellSpec(row, 2, 1, 1, text))
            numbers()
    cells.append(GridCellSpec(row, 0, 1, 3, "四、结转下年度继续办理"))
    numbers()
    return cells


def litigation(fill: Fill) -> list[GridCellSpec]:
    """Table 4: 4 rows, 15 columns."""
    five = ("结果维持", "结果纠正", "其他结果", "尚未审结", "总计")
    cells = [GridCellSpec(0, 0, 1, 5, "行政复议"), GridCellSpec(0, 5, 1, 10, "行政诉讼")]
    cells += [GridCellSpec(1, k, 2, 1, text) for k, text in enumerate(five)]
    cells += [
        GridCellSpec(1, 5, 1, 5, "未经复议直接起诉"),
        GridCellSpec(1, 10, 1, 5, "复议后起诉"),
    ]
    cells += [GridCellSpec(2, 5 + k, 1, 1, text) for k, text in enumerate(five)]
    cells += [GridCellSpec(2, 10 + k, 1, 1, text) for k, text in enumerate(five)]
    cells += [GridCellSpec(3, k, 1, 1, fill()) for k in range(15)]
    return cells

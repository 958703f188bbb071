"""OFD (GB/T 33190-2016): what ``read_ofd`` makes of packages as programs write them."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

import govreport_parse as gov
from govreport_parse.documents.model import Document, Table
from govreport_parse.documents.ofd import read_ofd
from govreport_parse.documents.pdf_limits import PdfLimits
from govreport_parse.errors import (
    DecodeError,
    GovReportError,
    LimitExceededError,
    ScannedDocumentError,
    UnsupportedFormatError,
)
from govreport_parse.testing import random_record

from . import official_grids
from .ofd_maker import MANNERS, Ofd, OfdSheet, packed
from .pdf_maker import GridCellSpec, draw_grid
from .pdf_reports import report_pdf

TWO = [
    GridCellSpec(0, 0, 1, 1, "申请数量"),
    GridCellSpec(0, 1, 1, 1, "12"),
    GridCellSpec(1, 0, 1, 1, "办结数量"),
    GridCellSpec(1, 1, 1, 1, ""),
]
XS, YS = [60.0, 260.0, 460.0], [100.0, 130.0, 160.0]
AT = (350.0, 149.0)
"""Where text stands in the last cell."""


def tables(document: Document) -> list[Table]:
    return [b for b in document.blocks if isinstance(b, Table)]


def texts(document: Document) -> list[str]:
    return [b.text for b in document.blocks if not isinstance(b, Table)]


def small(manner: str = "runs") -> tuple[Ofd, OfdSheet]:
    """One page with a table of two rows, the last cell of which is empty."""
    ofd = Ofd(manner)
    sheet = ofd.sheet()
    sheet.text(60, 60, "三、收到和处理政府信息公开申请情况", 12)
    draw_grid(sheet, TWO, XS, YS)
    return ofd, sheet


def cell(ofd: Ofd) -> str:
    """The text of the last cell."""
    (table,) = tables(read_ofd(bytes(ofd)))
    assert [c.text for c in table][:3] == ["申请数量", "12", "办结数量"]
    return next(c.text for c in table if (c.row, c.column) == (1, 1))


@pytest.mark.parametrize("manner", MANNERS)
@pytest.mark.parametrize("seed", range(4))
def test_every_cell_of_a_report_is_read_where_it_stands(manner: str, seed: int) -> None:
    rng = random.Random(seed)

    def fill() -> str:
        return "" if rng.random() < 0.2 else str(rng.randrange(10 ** rng.randrange(1, 6)))

    state = rng.getstate()
    ofd, _ = report_pdf(fill, into=Ofd(manner))
    rng.setstate(state)
    made = [
        official_grids.disclosure(fill),
        official_grids.requests(fill),
        official_grids.litigation(fill),
    ]
    found = tables(read_ofd(bytes(ofd)))
    for table, cells in zip(found, made, strict=True):
        assert sorted((c.row, c.column, c.rowspan, c.colspan) for c in table) == sorted(
            (c.row, c.column, c.rowspan, c.colspan) for c in cells
        )
        shown = {(c.row, c.column): c.text for c in table}
        for c in cells:
            if not c.text or c.text.isdigit():
                assert shown[c.row, c.column] == c.text


@pytest.mark.parametrize("manner", MANNERS)
def test_all_figures_of_a_report_with_their_places(manner: str, tmp_path: Path) -> None:
    record = random_record(random.Random(11), form="ogi_annual_2021", size="county")
    printed = iter("" if v is None else str(v) for v in record.values().values())
    ofd, _ = report_pdf(lambda: next(printed), into=Ofd(manner))
    path = tmp_path / "年度报告.ofd"
    path.write_bytes(bytes(ofd))
    report = gov.parse(path)
    assert (report.organ, report.year, report.form) == ("望川市人民政府", 2023, "ogi_annual_2021")
    assert {p: report[p].value for p in record.values()} == record.values()
    assert report.completeness["holds"] == 42
    place = report["requests/granted/total"].locator
    # table 3 stands on page 2; 予以公开 is its sixth row, 总计 its tenth column
    assert place is not None
    assert (place.page, place.row, place.column) == (2, 6, 10)
    assert report.source.media_type == "application/ofd"
    (many,) = gov.parse_many([path])
    assert isinstance(many, gov.Report)
    assert many.values == report.values


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("2216", 'DeltaX="2 2 2"'),
        ("2216", 'DeltaX="g 3 2"'),
        ("2216", 'DeltaX="2"'),
        ("2216", 'DeltaX="2" DeltaY="0"'),
        ("2216", 'DeltaX="g 999999999 2"'),
        ("2216", ""),
        ("2216", 'DeltaX=""'),
        ("2216", 'DeltaX="g"'),
        ("2216", 'DeltaX="x"'),
        ("22 16", 'DeltaX="g 4 2"'),
    ],
)
def test_distances_of_characters(text: str, steps: str) -> None:
    ofd, sheet = small()
    sheet.parts.append(
        '<ofd:TextObject ID="1" Boundary="125 48 40 5" Font="3" Size="4">'
        f'<ofd:TextCode X="0" Y="4" {steps}>{text}</ofd:TextCode></ofd:TextObject>'
    )
    assert cell(ofd).replace(" ", "") == "2216"


def test_texts_of_one_object_go_on_where_they_are_told() -> None:
    # The second has its own X and the Y of the first; the third starts a line below.
    ofd, sheet = small()
    sheet.parts.append(
        '<ofd:TextObject ID="1" Boundary="125 46 40 9" Font="3" Size="3">'
        '<ofd:TextCode X="0" Y="3" DeltaX="1.5">22</ofd:TextCode>'
        '<ofd:TextCode X="3">16</ofd:TextCode>'
        '<ofd:TextCode X="0" Y="7.5" DeltaX="g 1 3">万元</ofd:TextCode></ofd:TextObject>'
    )
    assert cell(ofd).replace("\n", "") == "2216万元"


def test_far_numbers_are_two_and_near_digits_one() -> None:
    for gap, read in ((2.0, "12"), (9.0, "1 2")):
        ofd, sheet = small()
        sheet.parts.append(
            '<ofd:TextObject ID="1" Boundary="125 48 40 5" Font="3" Size="4">'
            f'<ofd:TextCode X="0" Y="4" DeltaX="{gap}">12</ofd:TextCode></ofd:TextObject>'
        )
        assert cell(ofd) == read


def test_the_template_of_a_page_is_drawn_with_it() -> None:
    ofd = Ofd()
    sheet = ofd.sheet()
    draw_grid(sheet, TWO, XS, YS, texts=False)
    sheet.template, sheet.parts = sheet.parts, []
    draw_grid(sheet, TWO, XS, YS, rulings=False)
    sheet.text(*AT, "7")
    assert cell(ofd) == "7"


def test_groups_of_objects_are_drawn_where_they_are_used() -> None:
    ofd, sheet = small()
    inner = OfdSheet()
    inner.text(0, 20, "35", 10)
    ofd.files["Doc_0/PublicRes.xml"] = (
        '<ofd:Res xmlns:ofd="http://www.ofdspec.org/2016"><ofd:CompositeGraphicUnits>'
        '<ofd:CompositeGraphicUnit ID="77" Width="50" Height="20"><ofd:Content>'
        f"{''.join(inner.parts)}"
        '<ofd:CompositeObject ID="78" ResourceID="77" Boundary="0 0 50 20"/>'  # itself
        "</ofd:Content></ofd:CompositeGraphicUnit></ofd:CompositeGraphicUnits></ofd:Res>"
    )
    # half the size, so that its base line, 20 points down, stands 10 points below the corner
    box = f"{AT[0] * 25.4 / 72} {(AT[1] - 10) * 25.4 / 72} 50 20"
    sheet.parts.append(
        f'<ofd:CompositeObject ID="3" ResourceID="77" Boundary="{box}" CTM="0.5 0 0 0.5 0 0"/>'
    )
    assert cell(ofd) == "35"


@pytest.mark.parametrize("namespace", ["http://www.ofdspec.org", "urn:other"])
def test_namespaces_and_absolute_places_of_other_versions(namespace: str) -> None:
    ofd, sheet = small()
    sheet.text(*AT, "7")
    parts = {
        name.replace("Doc_0", "DOC_0"): body.replace("http://www.ofdspec.org/2016", namespace)
        .replace(">Doc_0/", ">/Doc_0/")
        .replace('BaseLoc="Pages', 'BaseLoc="/Doc_0/Pages')
        for name, body in ofd.parts().items()
    }
    (table,) = tables(read_ofd(packed(parts)))
    assert [c.text for c in table][-1] == "7"


@pytest.mark.parametrize("turn", [1, 2, 3])
def test_a_page_turned_by_quarters_is_read_level(turn: int) -> None:
    ofd, sheet = small()
    sheet.text(*AT, "7")
    wide, high = sheet.width * 25.4 / 72, sheet.height * 25.4 / 72
    matrix, box = {
        1: (f"0 1 -1 0 {high} 0", f"{high} {wide}"),
        2: (f"-1 0 0 -1 {wide} {high}", f"{wide} {high}"),
        3: (f"0 -1 1 0 0 {wide}", f"{high} {wide}"),
    }[turn]
    parts = ofd.parts()
    name = "Doc_0/Pages/Page_0/Content.xml"
    ofd.files["Doc_0/PublicRes.xml"] = (
        '<ofd:Res xmlns:ofd="http://www.ofdspec.org/2016"><ofd:CompositeGraphicUnit ID="77">'
        f"<ofd:Content>{''.join(sheet.parts)}</ofd:Content></ofd:CompositeGraphicUnit></ofd:Res>"
    )
    ofd.files[name] = (
        '<ofd:Page xmlns:ofd="http://www.ofdspec.org/2016"><ofd:Area><ofd:PhysicalBox>0 0 '
        f"{box}</ofd:PhysicalBox></ofd:Area><ofd:Content><ofd:Layer><ofd:CompositeObject"
        f' ResourceID="77" Boundary="0 0 {box}" CTM="{matrix}"/></ofd:Layer></ofd:Content>'
        "</ofd:Page>"
    )
    assert name in parts
    assert cell(ofd) == "7"
    assert texts(read_ofd(bytes(ofd))) == ["三、收到和处理政府信息公开申请情况"]


# -- digits that are not seen ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "more",
    [
        {"colour": "255 255 255"},
        {"colour": "255"},
        {"colour": "0 0 0 0"},
        {"colour": "#FF #FF #FF"},
        {"Alpha": "0"},
        {"Fill": "false"},
    ],
)
def test_white_and_clear_digits_are_no_number(more: dict[str, str]) -> None:
    ofd, sheet = small()
    sheet.text(*AT, "9", **more)
    assert cell(ofd) == "⟦9⟧"
    (finding,) = (f for f in read_ofd(bytes(ofd)).findings if f.code == "doubtful_text")
    assert finding.detail == (("count", 1),)


def test_a_white_style_that_the_object_names() -> None:
    ofd, sheet = small()
    ofd.files["Doc_0/PublicRes.xml"] = (
        '<ofd:Res xmlns:ofd="http://www.ofdspec.org/2016"><ofd:DrawParams>'
        '<ofd:DrawParam ID="4"><ofd:FillColor Value="250 250 250"/></ofd:DrawParam>'
        '<ofd:DrawParam ID="5" Relative="4"/></ofd:DrawParams></ofd:Res>'
    )
    sheet.text(*AT, "9", DrawParam="5")
    assert cell(ofd) == "⟦9⟧"


def test_digits_below_what_is_drawn_later_and_beside_the_page() -> None:
    ofd, sheet = small()
    sheet.text(*AT, "9")
    sheet.bar(340, 135, 380, 155, "255 255 255")
    sheet.text(700, 149, "8")
    document = read_ofd(bytes(ofd))
    assert cell(ofd) == "⟦9⟧"
    assert "⟦8⟧" in texts(document)


def test_light_letters_on_a_dark_ground_and_letters_over_shades_are_seen() -> None:
    ofd, sheet = small()
    parts, sheet.parts = sheet.parts, []
    sheet.bar(262, 132, 458, 158, "20 60 120")
    sheet.bar(262, 102, 458, 128, "240 240 240")
    sheet.parts += parts
    sheet.text(*AT, "9", colour="255 255 255")
    assert cell(ofd) == "9"
    assert read_ofd(bytes(ofd)).findings == []


def test_what_is_not_visible_is_not_there_and_a_watermark_is_left_out() -> None:
    ofd, sheet = small()
    sheet.text(*AT, "9", Visible="false")
    sheet.text(250, 120, "10086", CTM="0.7 0.7 -0.7 0.7 0 0")
    document = read_ofd(bytes(ofd))
    assert cell(ofd) == ""
    (finding,) = document.findings
    assert (finding.code, finding.detail) == ("hidden_text", (("count", 5),))


# -- refusals --------------------------------------------------------------------------------------


def test_pictures_with_and_without_recognised_text() -> None:
    ofd = Ofd()
    ofd.sheet().picture(0, 0, 595, 842)
    with pytest.raises(ScannedDocumentError):
        read_ofd(bytes(ofd))
    ofd, sheet = small()
    sheet.text(*AT, "7")
    sheet.picture(0, 0, 595, 842)
    document = read_ofd(bytes(ofd))
    assert [f.code for f in document.findings] == ["ocr_text_layer"]
    assert cell(ofd) == "7"


def test_a_damaged_page_is_told_and_the_others_are_read() -> None:
    ofd, _ = small()
    ofd.sheet().text(60, 60, "五、存在的主要问题及改进情况")
    for body in ("<ofd:Page", ""):
        parts = ofd.parts() | {"Doc_0/Pages/Page_0/Content.xml": body}
        if not body:
            del parts["Doc_0/Pages/Page_0/Content.xml"]
        document = read_ofd(packed(parts))
        assert texts(document) == ["五、存在的主要问题及改进情况"]
        (finding,) = document.findings
        assert (finding.code, finding.severity) == ("page_is_broken", "error")


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"OFD.xml": None}, UnsupportedFormatError),
        ({"OFD.xml": "<html/>"}, UnsupportedFormatError),
        ({"Encryptions.xml": "<a/>"}, UnsupportedFormatError),
        ({"OFD.xml": "<OFD><DocBody><DocRoot>no.xml</DocRoot></DocBody></OFD>"}, DecodeError),
        ({"OFD.xml": "<OFD/>"}, UnsupportedFormatError),
        ({"Doc_0/Document.xml": "<Document><Pages/></Document>"}, UnsupportedFormatError),
        (
            {"OFD.xml": '<!DOCTYPE a [<!ENTITY b "c">]><OFD>&b;</OFD>'},
            DecodeError,
        ),
        (
            {
                "Doc_0/Document.xml": "<Document><Pages>"
                + '<Page BaseLoc="Pages/Page_0/Content.xml"/>' * 301
                + "</Pages></Document>"
            },
            LimitExceededError,
        ),
    ],
)
def test_packages_that_are_refused(
    change: dict[str, str | None], error: type[GovReportError]
) -> None:
    ofd, _ = small()
    parts = {k: v for k, v in (ofd.parts() | change).items() if v is not None}
    with pytest.raises(error) as caught:
        read_ofd(packed(parts))
    assert caught.value.hint


def test_bounds_hold() -> None:
    ofd, sheet = small()
    sheet.text(60, 500, "公开" * 300)
    with pytest.raises(LimitExceededError):
        read_ofd(bytes(ofd), limits=PdfLimits(max_characters=100))
    with pytest.raises(LimitExceededError):
        read_ofd(bytes(ofd), limits=PdfLimits(max_objects=10))
    with pytest.raises(LimitExceededError):
        read_ofd(bytes(ofd), limits=PdfLimits(max_bytes=100))
    with pytest.raises(DecodeError):
        read_ofd(bytes(ofd)[:-40])

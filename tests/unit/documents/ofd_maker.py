"""A very small OFD writer for tests, after GB/T 33190-2016. Standard library only.

It takes the places that ``pdf_maker`` takes (points from the upper left corner) and writes them in
one of the manners in which programs do: ``runs`` (a text object a piece of text, its distances
given, lines as paths), ``letters`` (an object a character, in points scaled down by a matrix that
cancels its boundary; rulings as filled boxes), ``boxes`` (no distances; rulings as closed paths).
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

NS = 'xmlns:ofd="http://www.ofdspec.org/2016"'
HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
MM = 25.4 / 72
MANNERS = ("runs", "letters", "boxes")


def mm(*points: float) -> str:
    return " ".join(f"{p * MM:.4f}" for p in points)


@dataclass
class OfdSheet:
    """One page under construction."""

    width: float = 595.0
    height: float = 842.0
    manner: str = "runs"
    parts: list[str] = field(default_factory=list)
    template: list[str] = field(default_factory=list)
    area: str = ""

    def text(self, x: float, y: float, text: str, size: float = 10.0, **more: str) -> None:
        """Text with its baseline at ``y``; ``more`` are attributes of the object."""
        colour = more.pop("colour", "")
        said = "".join(f' {name}="{value}"' for name, value in more.items())
        inner = f'<ofd:FillColor Value="{colour}"/>' if colour else ""
        if self.manner == "letters":
            for c in text:
                self._letter(x, y, c, size, said, inner)
                x += _width(c, size)
            return
        top = y - size
        steps = "" if self.manner == "boxes" else f' DeltaX="{_steps(text, size)}"'
        if len(text) < 2:
            steps = ""
        self.parts.append(
            f'<ofd:TextObject ID="1" Boundary="{mm(x, top, 400, 1.3 * size)}" Font="3"'
            f' Size="{mm(size)}"{said}>{inner}<ofd:TextCode X="0" Y="{mm(size)}"{steps}>'
            f"{escape(text)}</ofd:TextCode></ofd:TextObject>"
        )

    def _letter(self, x: float, y: float, c: str, size: float, said: str, inner: str) -> None:
        # The matrix takes points with y upwards of the page's foot, as PDF counts them.
        left, top = x * MM, (y - size) * MM
        matrix = f"{MM:.6f} 0 0 {MM:.6f} {-left:.6f} {-top + self.height * MM:.6f}"
        self.parts.append(
            f'<ofd:TextObject ID="1" CTM="{matrix}" Boundary="{left:.6f} {top:.6f} 5 5"'
            f' Font="3" Size="{size}"{said}>{inner}<ofd:CGTransform CodePosition="0" CodeCount="1"'
            f' GlyphCount="1"><ofd:Glyphs>7</ofd:Glyphs></ofd:CGTransform>'
            f'<ofd:TextCode X="{x:.3f}" Y="{y - self.height:.3f}"><![CDATA[{c}]]></ofd:TextCode>'
            "</ofd:TextObject>"
        )

    def line(self, x0: float, y0: float, x1: float, y1: float, width: float = 0.5) -> None:
        """A ruling."""
        if self.manner == "letters":
            self.bar(
                min(x0, x1) - width / 2,
                min(y0, y1) - width / 2,
                max(x0, x1) + width / 2,
                max(y0, y1) + width / 2,
            )
            return
        box = mm(x0, y0, max(x1 - x0, width), max(y1 - y0, width))
        if self.manner == "runs":
            data = f"M 0 0 L {mm(x1 - x0, y1 - y0)}"
            self.parts.append(_path(box, data, f'LineWidth="{mm(width)}"'))
            return
        w = width / 2
        wide, high = (x1 - x0, width) if y1 == y0 else (width, y1 - y0)
        data = f"M 0 0 L {mm(wide, 0)} L {mm(wide, high)} L {mm(0, high)} C"
        x, y = (x0, y0 - w) if y1 == y0 else (x0 - w, y0)
        self.parts.append(_path(mm(x, y, wide, high), data, 'Fill="true" Stroke="false"'))

    def bar(self, x0: float, y0: float, x1: float, y1: float, colour: str = "0") -> None:
        """A filled box."""
        data = f"M 0 0 L {mm(x1 - x0, 0)} L {mm(x1 - x0, y1 - y0)} L {mm(0, y1 - y0)} C"
        self.parts.append(
            _path(mm(x0, y0, x1 - x0, y1 - y0), data, 'Fill="true" Stroke="false"', colour)
        )

    def picture(self, x0: float, y0: float, x1: float, y1: float) -> None:
        """A picture (its file is missing, which no reader of text minds)."""
        wide, high = mm(x1 - x0), mm(y1 - y0)
        self.parts.append(
            f'<ofd:ImageObject ID="9" ResourceID="8" Boundary="{mm(x0, y0, x1 - x0, y1 - y0)}"'
            f' CTM="{wide} 0 0 {high} 0 0"/>'
        )


def _path(box: str, data: str, said: str, colour: str = "0") -> str:
    return (
        f'<ofd:PathObject ID="2" Boundary="{box}" {said}><ofd:FillColor Value="{colour}"/>'
        f"<ofd:AbbreviatedData>{data}</ofd:AbbreviatedData></ofd:PathObject>"
    )


def _width(c: str, size: float) -> float:
    return size if c > "\u2e7f" or c in "“”—" else size / 2


def _steps(text: str, size: float) -> str:
    """The distances, equal ones in a run told by ``g``."""
    out: list[tuple[str, int]] = []
    for c in text[:-1]:
        step = mm(_width(c, size))
        if out and out[-1][0] == step:
            out[-1] = (step, out[-1][1] + 1)
        else:
            out.append((step, 1))
    return " ".join(step if n == 1 else f"g {n} {step}" for step, n in out)


class Ofd:
    """The package; ``bytes(ofd)`` writes it."""

    def __init__(self, manner: str = "runs", title: str = "") -> None:
        self.manner = manner
        self.title = title
        self.sheets: list[OfdSheet] = []
        self.files: dict[str, str] = {}
        """Parts that take the place of those made here, or stand beside them."""

    def sheet(self, width: float = 595.0, height: float = 842.0) -> OfdSheet:
        """A new page."""
        self.sheets.append(OfdSheet(width, height, self.manner))
        return self.sheets[-1]

    def parts(self) -> dict[str, str]:
        """Path to text of each part."""
        pages, templates = [], []
        out = {}
        for n, sheet in enumerate(self.sheets):
            box = (
                f"<ofd:Area><ofd:PhysicalBox>0 0 {mm(sheet.width, sheet.height)}</ofd:PhysicalBox>"
            )
            box += "</ofd:Area>"
            used = ""
            if sheet.template:
                templates.append(
                    f'<ofd:TemplatePage ID="{900 + n}" BaseLoc="Tpls/Tpl_{n}/Content.xml"/>'
                )
                used = f'<ofd:Template TemplateID="{900 + n}" ZOrder="Background"/>'
                out[f"Doc_0/Tpls/Tpl_{n}/Content.xml"] = page_xml("", sheet.template)
            out[f"Doc_0/Pages/Page_{n}/Content.xml"] = page_xml(box + used, sheet.parts)
            pages.append(f'<ofd:Page ID="{n + 1}" BaseLoc="Pages/Page_{n}/Content.xml"/>')
        title = f"<ofd:Title>{escape(self.title)}</ofd:Title>" if self.title else ""
        out["OFD.xml"] = (
            f'{HEAD}<ofd:OFD {NS} DocType="OFD" Version="1.0"><ofd:DocBody><ofd:DocInfo>'
            f"<ofd:DocID>7f6e</ofd:DocID>{title}<ofd:CreationDate>2024-01-12</ofd:CreationDate>"
            "</ofd:DocInfo><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>"
        )
        out["Doc_0/Document.xml"] = (
            f"{HEAD}<ofd:Document {NS}><ofd:CommonData><ofd:MaxUnitID>999</ofd:MaxUnitID>"
            "<ofd:PageArea><ofd:PhysicalBox>0 0 210 297</ofd:PhysicalBox></ofd:PageArea>"
            f"<ofd:PublicRes>PublicRes.xml</ofd:PublicRes>{''.join(templates)}</ofd:CommonData>"
            f"<ofd:Pages>{''.join(pages)}</ofd:Pages></ofd:Document>"
        )
        out["Doc_0/PublicRes.xml"] = (
            f'{HEAD}<ofd:Res {NS} BaseLoc="Res"><ofd:Fonts><ofd:Font ID="3" FontName="宋体"/>'
            "</ofd:Fonts></ofd:Res>"
        )
        return out | self.files

    def __bytes__(self) -> bytes:
        return packed(self.parts())


def page_xml(before: str, objects: Sequence[str]) -> str:
    """A page or template of one layer."""
    return (
        f'{HEAD}<ofd:Page {NS}>{before}<ofd:Content><ofd:Layer ID="5" Type="Body">'
        f"{''.join(objects)}</ofd:Layer></ofd:Content></ofd:Page>"
    )


def packed(parts: dict[str, str]) -> bytes:
    """The parts as a package, with the same bytes each time."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as whole:
        for name, body in parts.items():
            whole.writestr(zipfile.ZipInfo(name), body.encode(), zipfile.ZIP_DEFLATED)
    return out.getvalue()

"""Writes the bundled samples: six reports of invented organs in six layouts.

Run by hand after a change to the generator; the files are committed. Figures are random and
consistent (seeded), but for the one report whose table 4 breaks its sums as real ones do.
"""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

from govreport_parse.testing import (
    as_bytes,
    glossed,
    random_record,
    render_html,
    render_text,
    traditional,
)
from govreport_parse.testing.generate import CellText, Record
from govreport_parse.values import State

FOLDER = Path(__file__).parents[1] / "src" / "govreport_parse" / "data" / "samples"


def named(record: Record, organ: str, year: int, published: str) -> Record:
    """The record under an invented organ's name."""
    return replace(
        record,
        organ=organ,
        year=year,
        published=published,
        title=f"{organ}{year}年政府信息公开工作年度报告",
        preamble=tuple(
            p.replace(record.organ, organ).replace(str(record.year), str(year))
            for p in record.preamble
        ),
        sections={
            k: tuple(
                p.replace(record.organ, organ).replace(str(record.year), str(year)) for p in ps
            )
            for k, ps in record.sections.items()
        },
    )


def broken(record: Record) -> Record:
    """A total of 0 beside parts that are not 0, as in a published report."""
    for part, value in (("upheld", 4), ("corrected", 1), ("total", 0)):
        path = f"review_and_litigation/review/{part}"
        record = record.with_cell(path, CellText(str(value), value, State.REPORTED, "件"))
    return record


def main() -> None:
    rng = random.Random(20211)
    county = named(random_record(rng, size="county"), "清溪县人民政府", 2023, "2024-03-15")
    bureau = named(
        random_record(rng, size="small", style="wan_yuan"), "清溪县交通运输局", 2022, "2023-01-18"
    )
    town = named(random_record(rng, size="small"), "清溪县柳河镇人民政府", 2024, "2025-01-20")
    trial = named(
        random_record(rng, form="ogi_annual_2019", size="small", style="shanghai"),
        "云水市民政局",
        2020,
        "2021-01-22",
    )
    hybrid = named(
        broken(random_record(rng, form="hybrid", size="county")),
        "云水市江北区人民政府",
        2023,
        "2024-03-28",
    )
    joined = named(random_record(rng, size="county"), "云水市公安局", 2023, "2024-01-25")

    files = {
        "1-county-hanweb.html": render_html(county, "clean", "hanweb").text.encode(),
        "2-bureau-word-gbk.html": as_bytes(
            render_html(bureau, "word", "trs").text, "gb18030", declared="utf-8"
        ).data,
        "3-town-mirror.txt": glossed(traditional(render_text(town, "B").text)).encode(),
        "4-trial-form-blanks.html": render_html(trial, "no_rowspan", "ucap").text.encode(),
        "5-hybrid-two-tables.html": render_html(hybrid, "split", "vsb").text.encode(),
        "6-joined-digits.txt": render_text(joined, "concat").text.encode(),
    }
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (FOLDER / name).write_bytes(data)
        print(name, len(data))


if __name__ == "__main__":
    main()

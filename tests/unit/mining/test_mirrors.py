"""Mirror hosts are told from organs' own sites, and copies find their originals."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner
from handmade import RL, RQ
from mining.collections_made import page

import govreport_parse as gov
from govreport_parse.cli.main import cli
from govreport_parse.mining import mine
from govreport_parse.mining.mirrors import (
    MIRROR,
    Copy,
    Pair,
    copies_in,
    is_mirror,
    is_official,
    judge,
    mark_mirror,
    mirrors_in,
    pair_copies,
    path_key,
)
from govreport_parse.report import Report
from govreport_parse.testing import glossed, record_of, render_html, traditional

PATH = "/art/2024/1/18/art_5723_401122.html"
OWN = "http://www.qinghe.gov.cn" + PATH
FIGURES = {
    **{f"{RQ}/requests_received/{c}": n for c, n in (("natural_person", 31), ("total", 31))},
    **{f"{RQ}/granted/{c}": n for c, n in (("natural_person", 17), ("total", 17))},
    **{f"{RQ}/not_held/{c}": n for c, n in (("natural_person", 14), ("total", 14))},
    **{f"{RQ}/outcomes_total/{c}": n for c, n in (("natural_person", 31), ("total", 31))},
    **{f"{RL}/review/{c}": n for c, n in (("upheld", 3), ("corrected", 1), ("total", 4))},
    "proactive_disclosure/administrative_fees/amount": Decimal("1203.100"),
    **{f"{RL}/litigation_direct/{c}": n for c, n in (("upheld", 2), ("total", 2))},
}
TEXT = render_html(record_of(FIGURES, year=2023), "clean").text


def read(text: str, url: str | None) -> Report:
    return gov.parse(text.encode(), url=url)


# -- verdicts --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "official"),
    [
        (OWN, True),
        ("https://gov.cn/x", True),
        ("http://www.gov.cn:8080/x", True),
        ("http://www.qinghe.gov.cn.spam.com/x", False),
        ("http://notgov.cn/x", False),
        ("http://spam.com/www.qinghe.gov.cn/x", False),
        ("http://[broken", False),
        (None, False),
    ],
)
def test_official_hosts(url: str | None, official: bool) -> None:
    assert is_official(url) is official


@pytest.mark.parametrize(
    ("change", "url", "kind", "signs"),
    [
        (str, OWN, "official", ()),
        (traditional, OWN, "official", ()),
        (str, None, "unknown", ()),
        (str, "http://www.hospital.org.cn/info/3.html", "unknown", ("foreign_host",)),
        (str, "http://spam.com" + PATH, "suspect", ("foreign_host", "copied_path")),
        (traditional, "http://spam.com/x", "mirror", ("traditional", "foreign_host")),
        (traditional, None, "mirror", ("traditional",)),
        (
            glossed,
            "http://spam.com" + PATH,
            "mirror",
            ("glossed", "traditional", "foreign_host", "copied_path"),
        ),
        (
            lambda t: t.replace("关于", "买足球的软件").replace("我单位", "买足球的软件"),
            "http://spam.com/x",
            "mirror",
            ("replaced_words", "foreign_host"),
        ),
        # what the police report of themselves is no advertisement
        (lambda t: t.replace("我单位", "我局打击网络博彩、赌场，"), None, "unknown", ()),
    ],
)
def test_verdicts(change, url: str | None, kind: str, signs: tuple[str, ...]) -> None:
    verdict = judge(read(change(TEXT), url))
    assert (verdict.kind, verdict.signs) == (kind, signs)


def test_the_finding_is_added_once_and_names_the_host() -> None:
    report = read(glossed(TEXT), "http://spam.com" + PATH)
    before = len(report.findings)
    assert mark_mirror(report)
    assert mark_mirror(report)
    (finding,) = [f for f in report.findings if f.code == MIRROR]
    assert len(report.findings) == before + 1
    assert finding.severity == "warning"
    assert "spam.com" in finding.message
    assert "spam.com" in finding.message_zh
    assert is_mirror(report)


def test_an_own_site_is_not_marked() -> None:
    report = read(TEXT, OWN)
    assert not mark_mirror(report)
    assert not is_mirror(report)
    assert MIRROR not in {f.code for f in report.findings}


# -- pairs -----------------------------------------------------------------------------------------


def kept(folder: Path, *documents: tuple[str, str]) -> dict[str | None, Copy]:
    """What a dataset made of (text, address) holds of each, by address."""
    path = folder / "a.jsonl"
    lines = [json.dumps({"text": text, "url": url}) + "\n" for text, url in documents]
    path.write_text("".join(lines), "utf-8")
    mine([path], folder / "out")
    return {copy.url: copy for copy in copies_in(gov.load(folder / "out"))}


def test_a_mirror_has_the_figures_of_its_original(tmp_path: Path) -> None:
    other = {**FIGURES, f"{RL}/review/upheld": 2, f"{RL}/review/corrected": 2}
    changed = render_html(record_of(other, year=2023), "clean").text
    mirror, sister = "http://spam.com/other.html", "http://b.gov.cn/art/2024/1/18/art_1_2.html"
    found = kept(tmp_path, (TEXT, OWN), (glossed(TEXT), mirror), (changed, sister))
    assert found[OWN].figures == found[mirror].figures != ""
    assert found[sister].figures not in ("", found[OWN].figures)


def test_few_figures_mean_no_report(tmp_path: Path) -> None:
    empty = render_html(record_of({}, year=2023), "clean").text
    assert kept(tmp_path, (empty, OWN))[OWN].figures == ""


@pytest.mark.parametrize(
    ("url", "key"),
    [
        (OWN, PATH),
        ("http://spam.com/www.qinghe.gov.cn" + PATH, PATH),
        ("http://spam.com" + PATH.upper() + "/", PATH),
        ("http://a.gov.cn/index.html", ""),
        ("http://a.gov.cn/xxgk/nb.html", ""),
        ("http://a.gov.cn/123456789.html", ""),
        (None, ""),
    ],
)
def test_path_keys(url: str | None, key: str) -> None:
    assert path_key(url) == key


def copy(name: str, url: str | None, **more) -> Copy:
    return Copy(name, url, **{"year": 2023, "figures": "f1", "organ": "青禾县水利局", **more})


@pytest.mark.parametrize(
    ("copies", "pairs"),
    [
        # same path and figures
        (
            [copy("own", OWN), copy("m", "http://s.com" + PATH, is_mirror=True)],
            [Pair("m", "own", "path and figures")],
        ),
        # figures alone: the mirror changed its path and the organ's name
        (
            [copy("own", OWN), copy("m", "http://s.com/1", is_mirror=True, organ="足球")],
            [Pair("m", "own", "figures")],
        ),
        # path alone needs the same organ
        (
            [copy("own", OWN), copy("m", "http://s.com" + PATH, figures="f2")],
            [Pair("m", "own", "path")],
        ),
        ([copy("own", OWN), copy("m", "http://s.com" + PATH, figures="f2", organ="x")], []),
        # another year is another report
        ([copy("own", OWN), copy("m", "http://s.com" + PATH, year=2022)], []),
        # two official pages, two mirrors, two foreign pages: nobody's copy
        ([copy("own", OWN), copy("b", "http://www.b.gov.cn" + PATH)], []),
        (
            [
                copy("m", "http://s.com" + PATH, is_mirror=True),
                copy("n", "http://t.com" + PATH, is_mirror=True),
            ],
            [],
        ),
        ([copy("a", "http://s.com/1"), copy("b", "http://t.com/1")], []),
        # a mirror of a page on a host that is not official but clean
        (
            [copy("a", "http://h.org.cn/1"), copy("m", "http://s.com/1", is_mirror=True)],
            [Pair("m", "a", "figures")],
        ),
        # the official original is preferred, then the one whose path agrees too
        (
            [
                copy("a", "http://h.org.cn" + PATH),
                copy("z", "http://www.z.gov.cn/9"),
                copy("m", "http://s.com" + PATH, is_mirror=True),
            ],
            [Pair("a", "z", "figures"), Pair("m", "z", "figures")],
        ),
        # blank reports of many organs have no fingerprint and never pair by figures
        ([copy("own", OWN, figures=""), copy("m", "http://s.com/1", figures="")], []),
    ],
)
def test_pairs(copies: list[Copy], pairs: list[Pair]) -> None:
    assert pair_copies(copies) == pairs
    assert pair_copies(reversed(copies)) == pairs


def test_mined_mirrors_are_marked_and_paired_in_the_dataset(tmp_path: Path) -> None:
    path = tmp_path / "a.warc"
    path.write_bytes(page(OWN, TEXT) + page("http://spam.com" + PATH, glossed(TEXT)))
    result = mine([path], tmp_path / "out")
    assert (result.reports, result.mirrors) == (2, 1)
    dataset = gov.load(tmp_path / "out")
    rows = {
        r["url"]: r["report_id"] for r in dataset.reports.to_table(["report_id", "url"]).to_pylist()
    }
    copies = copies_in(dataset)
    assert {c.report_id: c.is_mirror for c in copies} == {
        rows[OWN]: False,
        rows["http://spam.com" + PATH]: True,
    }
    assert pair_copies(copies) == [
        Pair(rows["http://spam.com" + PATH], rows[OWN], "path and figures")
    ]
    assert mirrors_in(dataset) == {rows["http://spam.com" + PATH]: rows[OWN]}


def test_a_mirror_without_its_original_is_a_mirror_still(tmp_path: Path) -> None:
    path = tmp_path / "a.warc"
    path.write_bytes(page("http://spam.com" + PATH, glossed(TEXT)))
    args = ["mine", str(path), "--out", str(tmp_path)]
    result = CliRunner().invoke(cli, args)
    assert "1 reports (1 on mirror hosts)" in result.stderr
    assert "0 of 1 reports on mirror hosts have their original" in result.stderr
    assert list(mirrors_in(gov.load(tmp_path / "dataset")).values()) == [None]


def test_a_copy_in_a_dataset_is_its_report(tmp_path: Path) -> None:
    (found,) = kept(tmp_path, (TEXT, OWN)).values()
    report = read(TEXT, OWN)
    assert (found.report_id, found.url, found.year, found.organ, found.is_mirror) == (
        report.report_id,
        OWN,
        2023,
        report.organ,
        False,
    )


@pytest.mark.parametrize(
    ("url", "host", "signs"),
    [
        (
            "http://spam.com" + PATH,
            "spam.com",
            {"foreign_host", "copied_path", "glossed", "traditional"},
        ),
        (None, "", {"glossed", "traditional"}),
    ],
)
def test_the_finding_has_host_and_signs_for_programs(
    url: str | None, host: str, signs: set[str]
) -> None:
    report = read(glossed(TEXT), url)
    assert mark_mirror(report)
    (finding,) = [f for f in report.findings if f.code == MIRROR]
    detail = dict(finding.detail)
    assert (detail["host"], set(detail["signs"])) == (host, signs)  # type: ignore[call-overload]

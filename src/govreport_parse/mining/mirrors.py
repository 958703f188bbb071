"""Copies of reports on hosts that are not the organ's, told by host and text; their originals.

Mirror hosts copy government pages and keep the path of the address; they turn the text into
traditional script, put pinyin behind characters, and replace words by advertisement (domain guide,
1 and 4). The figures are usable, the provenance is not: a mirror never counts as the organ's own
site.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from urllib.parse import unquote, urlsplit

from govreport_parse.report import Report
from govreport_parse.script import is_traditional
from govreport_parse.values import Finding

if TYPE_CHECKING:
    from govreport_parse.dataset.read import Dataset

Sign = Literal["foreign_host", "glossed", "traditional", "damaged", "replaced_words", "copied_path"]
MIRROR = "mirror_host"
TELLING = 12
"""Figures other than 0 from which on equal figures mean one report."""
_TEXT = 20_000
_AROUND = 400_000
_OFFICIAL = (".gov.cn", ".gov", ".政务", ".政务.cn", ".xn--zfr164b")
# Advertisement only: reports of the police speak of 赌场 and 网络博彩 by themselves.
_SPAM = re.compile(
    r"足球(?:的)?(?:软件|軟件|彩票|平台|app)|(?:买|買)足球"
    r"|(?:体育|體育|电竞|電競)(?:投注|下注|博彩|平台app)|真人(?:娱乐|娛樂|荷官)|世界杯(?:投注|下注)"
    r"|(?:im|ob|kok|yabo|亚博|雅博|开云|開雲|爱游戏|愛遊戲)(?:体育|體育|电竞|電競)",
    re.I,
)
# Paths of government systems (domain guide 3): art_…, t20240112_…, post_…, content_…, openness/…
_SYSTEM_PATH = re.compile(
    r"/art/\d{4}/\d{1,2}/\d{1,2}/art_|/t\d{8}_\d+|/post_\d+|/content_?\d*/?\d{5,}|/openness/|/xxgk|/zwgk"
    r"|/zfxxgk|/gkmlpt/|/c\d{3,}/\d{6}/|/\d{6}/[0-9a-f]{32}|gov\.cn/",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whose page it is. ``mirror``: a copy on a foreign host; ``suspect``: perhaps one.

    ``unknown``: the address is missing or of a host that tells nothing, and the text is clean.
    """

    kind: Literal["official", "mirror", "suspect", "unknown"]
    signs: tuple[Sign, ...] = ()

    @property
    def is_mirror(self) -> bool:
        """Whether it is certain enough to say so."""
        return self.kind == "mirror"


def is_official(url: str | None) -> bool:
    """Whether the address lies under a domain that only organs get."""
    host = _host(url)
    return any(host.endswith(end) or host == end[1:] for end in _OFFICIAL)


def judge(report: Report, around: str = "") -> Verdict:
    """Whether the report was read from a mirror, by its address, its text and its findings.

    ``around``: the document's whole text, where it is at hand; mirrors advertise beside the report.
    """
    url = report.source.url
    if is_official(url):
        return Verdict("official")
    text = "\n".join((report.title or "", *(s.text for s in report.sections)))[:_TEXT]
    codes = {f.code for f in report.findings}
    told: list[Sign] = []
    if "text_glossed" in codes:
        told.append("glossed")
    if is_traditional(text):
        told.append("traditional")
    if _SPAM.search(text) or _SPAM.search(around, 0, _AROUND):
        told.append("replaced_words")
    weak: list[Sign] = ["damaged"] if "text_damage" in codes else []
    if _host(url):
        weak.append("foreign_host")
        if _SYSTEM_PATH.search(_path(url)):
            weak.append("copied_path")
    if told:
        return Verdict("mirror", (*told, *weak))
    is_suspect = len(weak) > 1 or "copied_path" in weak
    return Verdict("suspect", tuple(weak)) if is_suspect else Verdict("unknown", tuple(weak))


def is_mirror(report: Report) -> bool:
    """Whether the report carries the finding, or would get it."""
    return any(f.code == MIRROR for f in report.findings) or judge(report).is_mirror


def mark_mirror(report: Report, around: str = "") -> bool:
    """Add the finding ``mirror_host`` to a report read from a mirror; whether it is one.

    ``around`` as in ``judge``.
    """
    if any(f.code == MIRROR for f in report.findings):
        return True
    verdict = judge(report, around)
    if not verdict.is_mirror:
        return False
    host = _host(report.source.url)
    where = f"on {host}, which is not the organ's site" if host else "whose address is not known"
    report.findings += (
        Finding(
            MIRROR,
            "warning",
            f"a copy {where}: {', '.join(_WORDS[s] for s in verdict.signs)}",
            f"文本来自镜像网站{f'（{host}）' if host else ''}，并非发布机关网站",
            detail=(("host", host), ("signs", list(verdict.signs))),
        ),
    )
    return True


_WORDS: dict[Sign, str] = {
    "foreign_host": "a host outside the government's domain",
    "glossed": "pinyin behind characters",
    "traditional": "traditional script",
    "damaged": "damaged characters",
    "replaced_words": "words replaced by advertisement",
    "copied_path": "the path of a government system",
}


def _host(url: str | None) -> str:
    try:
        return (urlsplit(url).hostname or "").lower() if url else ""
    except ValueError:
        return ""


def _path(url: str | None) -> str:
    try:
        return urlsplit(url).path if url else ""
    except ValueError:
        return ""


# -- copies and their originals --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Copy:
    """One report as a possible copy of another. ``figures``: a digest of those other than 0, empty
    where there are too few (below ``TELLING``) to mean one report."""

    report_id: str
    url: str | None
    year: int | None
    figures: str = ""
    is_mirror: bool = False
    organ: str | None = None


@dataclass(frozen=True, slots=True)
class Pair:
    """A copy and the report it copies. ``how``: what agrees."""

    copy: str
    original: str
    how: Literal["figures", "path", "path and figures"]


def path_key(url: str | None) -> str:
    """The path by which a mirrored page is known again; empty if it could be anybody's."""
    path = unquote(_path(url), "latin-1").rstrip("/").lower()
    found = path.find(".gov.cn/")  # mirrors that keep the whole address in their path
    path = path[found + 7 :] if found >= 0 else path
    digits = sum(c.isdigit() for c in path)
    return path if digits >= 6 and path.count("/") >= 2 else ""


def _line(path: str, value: float) -> str:
    return f"{path}={value:.12g}"


def _digest(figures: Iterable[str]) -> str:
    lines = sorted(figures)
    if len(lines) < TELLING:
        return ""
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:32]


def pair_copies(copies: Iterable[Copy]) -> list[Pair]:
    """Copies with their originals: same figures, or same path, year and organ.

    An original lies on an official host, or is at least no mirror. Copies of which no such report
    is known have no pair, and two official pages are never a pair.
    """
    by_figures: dict[str, list[Copy]] = defaultdict(list)
    by_path: dict[str, list[Copy]] = defaultdict(list)
    known = list(copies)
    for copy in known:
        if copy.figures:
            by_figures[f"{copy.year}\n{copy.figures}"].append(copy)
        key = path_key(copy.url)
        if key:
            by_path[f"{copy.year}\n{key}"].append(copy)
    out: list[Pair] = []
    for copy in sorted(known, key=lambda c: c.report_id):
        if not is_official(copy.url):
            out += _pair(copy, by_figures, by_path)
    return out


def _pair(
    copy: Copy, by_figures: dict[str, list[Copy]], by_path: dict[str, list[Copy]]
) -> Iterator[Pair]:
    same_figures = by_figures.get(f"{copy.year}\n{copy.figures}", []) if copy.figures else []
    key = path_key(copy.url)
    same_path = by_path.get(f"{copy.year}\n{key}", []) if key else []
    both = {c.report_id for c in same_figures} & {c.report_id for c in same_path}
    candidates = [
        c
        for c in {c.report_id: c for c in (*same_figures, *same_path)}.values()
        if c.report_id != copy.report_id
        and not c.is_mirror
        and (is_official(c.url) or copy.is_mirror)
        and (c in same_figures or (c.organ is not None and c.organ == copy.organ))
    ]
    if not candidates:
        return
    first = min(
        candidates, key=lambda c: (not is_official(c.url), c.report_id not in both, c.report_id)
    )
    how: Literal["figures", "path", "path and figures"] = "path"
    if first.report_id in both:
        how = "path and figures"
    elif first in same_figures:
        how = "figures"
    yield Pair(copy.report_id, first.report_id, how)


def copies_in(dataset: Dataset) -> list[Copy]:
    """The reports of a dataset, to be paired with ``pair_copies``."""
    codes = dataset.findings.to_table(["report_id"], filter={"code": MIRROR})
    marked = set(codes["report_id"].to_pylist())
    figures = _figures_in(dataset)
    rows = dataset.reports.to_table(["report_id", "url", "year", "organ"]).to_pylist()
    return [
        Copy(
            r["report_id"],
            r["url"],
            r["year"],
            _digest(figures.get(r["report_id"], ())),
            r["report_id"] in marked,
            r["organ"],
        )
        for r in rows
    ]


def _figures_in(dataset: Dataset) -> dict[str, list[str]]:
    """The lines that are digested, of every report that has figures other than 0."""
    import pyarrow.compute as pc

    out: dict[str, list[str]] = defaultdict(list)
    for batch in dataset.figures.batches(["report_id", "table", "row", "column", "value"]):
        # nine of ten figures are 0 or blank
        told = batch.filter(pc.fill_null(pc.not_equal(batch["value"], 0), False))
        columns = [told[name].to_pylist() for name in ("report_id", "table", "row", "column")]
        for report, table, row, column, value in zip(
            *columns, told["value"].to_pylist(), strict=True
        ):
            out[report].append(_line(f"{table}/{row}/{column}", value))
    return out


def mirrors_in(dataset: Dataset) -> dict[str, str | None]:
    """Reports that never count as the organ's own site, each with its original (``None``: unknown).

    Those with the finding ``mirror_host``, and copies on other hosts of an official page.
    """
    copies = copies_in(dataset)
    originals = {p.copy: p.original for p in pair_copies(copies)}
    marked = {c.report_id: None for c in copies if c.is_mirror}
    return {**marked, **originals}

"""The pre-filter loses no report: every dialect, layout, script and encoding passes."""

from __future__ import annotations

import random
from pathlib import Path

import pyarrow as pa
import pytest
from mining.collections_made import noise

import govreport_parse as gov
from govreport_parse.mining.prefilter import (
    ENCODINGS,
    WORDS,
    is_candidate,
    joined,
    may_hold_report,
    scan,
)
from govreport_parse.testing import (
    DAMAGES,
    DIALECTS,
    FAMILIES,
    LAYOUTS,
    STYLES,
    damage,
    glossed,
    mojibake_run,
    possible,
    random_record,
    render_html,
    render_text,
    traditional,
)

FIXTURES = Path(__file__).parents[3] / "fixtures"
FORMS = ("ogi_annual_2021", "ogi_annual_2019", "hybrid")


def scripts(text: str) -> dict[str, bytes]:
    return {
        "plain": text.encode(),
        "traditional": traditional(text).encode(),
        "glossed": glossed(text).encode(),
        "mojibake": mojibake_run(text).encode(),
        "gbk": text.encode("gb18030"),
        "big5": traditional(text).encode("cp950", "xmlcharrefreplace"),
        "utf-16": text.encode("utf-16"),
        "utf-16-be": text.encode("utf-16-be"),
        "references": text.encode("ascii", "xmlcharrefreplace"),
    }


@pytest.mark.parametrize("form", FORMS)
def test_every_shape_of_a_report_passes(form: str) -> None:
    rng = random.Random(form)
    names: list[str] = []
    documents: list[bytes] = []
    for size in ("zero", "small", "county"):
        record = random_record(rng, form, size, style=rng.choice(list(STYLES)))
        shown = [(d, render_text(record, d, title=False).text) for d in DIALECTS]
        shown += [
            (name, render_html(record, name, family=rng.choice((None, *FAMILIES))).text)
            for name in LAYOUTS
        ]
        for name, text in shown:
            for script, data in scripts(text).items():
                names.append(f"{size} {name} {script}")
                documents.append(data)
    assert len(documents) == 3 * (len(DIALECTS) + len(LAYOUTS)) * 9
    kept = set(scan(joined(documents)))
    assert [n for i, n in enumerate(names) if i not in kept] == []
    assert [n for n, d in zip(names, documents, strict=True) if not is_candidate(d)] == []


def test_damaged_reports_pass_where_they_parse() -> None:
    tried = 0
    for seed in range(4):
        rng = random.Random(seed)
        record = random_record(rng, size="small")
        for shown in (render_html(record, "clean"), render_text(record, "B")):
            for kind in DAMAGES:
                if not possible(shown, kind):
                    continue
                document = damage(rng, record, shown, kind).document
                data = document if isinstance(document, bytes) else document.encode()
                try:
                    gov.parse(data)
                except gov.GovReportError:
                    continue
                tried += 1
                assert may_hold_report(data), kind
    assert tried > 40


def test_whatever_parses_among_the_fixtures_passes() -> None:
    parsed = 0
    for path in sorted(FIXTURES.glob("*/*/source.*")):
        if path.suffix not in (".html", ".txt") or path.parent.parent.name == "site":
            continue
        data = path.read_bytes()
        try:
            gov.parse(data)
        except gov.GovReportError:
            continue
        parsed += 1
        assert may_hold_report(data), path.parent.name
    assert parsed > 60


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_each_word_is_found_in_each_encoding(word: str, encoding: str) -> None:
    try:
        data = word.encode(encoding)
    except UnicodeEncodeError:
        pytest.skip("the encoding lacks it")
    assert scan(joined([b"a" * 7 + data + b"b" * 5])) == [0]


@pytest.mark.parametrize(
    "text",
    [
        "信 息 公 开",
        "信\n息\u3000公\xa0开",
        "<b>信</b><b>息</b><b>公</b>",
        r"{\"a\": \"\u4fe1\u606F\u516c\"}",
        "&#x4FE1;&#x606f;&#X516c;",
        "&#20449;&#24687;&#020844;",
    ],
)
def test_spread_and_escaped_words_are_found(text: str) -> None:
    assert scan(joined([text.encode()])) == [0]
    assert scan(joined([text.encode()]), utf8_only=True) == [0]


@pytest.mark.parametrize(
    "between", [" ", "\u3000", "\u200b", "(zheng)", "(kāi)", "<b>", "</b>\n<b>"]
)
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_report_whose_characters_are_all_parted_passes(between: str, encoding: str) -> None:
    if encoding == "gb18030" and between in ("\u200b", "(zheng)", "(kāi)"):
        pytest.skip("marks of mirrors, which are UTF-8")
    text = between.join(render_text(random_record(random.Random(3), size="small"), "B").text)
    assert may_hold_report(text.encode(encoding))


def test_places_are_those_of_the_array() -> None:
    hit = "政府信息公开".encode()
    array = pa.array([b"", None, hit, noise(1).encode(), b"x" + hit], pa.large_binary())
    assert scan(array) == [2, 4]
    assert scan(array.slice(2)) == [0, 2]
    assert scan(array.slice(0, 0)) == []


def test_other_texts_do_not_pass() -> None:
    assert not may_hold_report(noise(2, 5000).encode())
    # the words of the topic alone are no report
    assert not may_hold_report("欢迎访问政府信息公开专栏，您可在此浏览。".encode())
    assert not may_hold_report(b"")

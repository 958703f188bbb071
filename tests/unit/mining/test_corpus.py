"""Text collections as they come: odd columns, broken rows, long lines, cut files."""

from __future__ import annotations

import bz2
import csv
import datetime
import gzip
import json
import lzma
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from mining.collections_made import members, noise, record

from govreport_parse.errors import UsageError
from govreport_parse.mining import blocks, corpus, corpus_csv
from govreport_parse.mining.blocks import Found, Tally
from govreport_parse.mining.columns import choose, moment
from govreport_parse.mining.files import Options, blocks_of, kind_by_name
from govreport_parse.mining.prefilter import scan

TOPIC = "政府信息公开年度报告：申请、复议、诉讼、主动公开"


def hits(path: Path, **options: Any) -> tuple[list[Found], Tally]:
    """What the pre-filter keeps of a file."""
    tally = Tally()
    out: list[Found] = []
    for block in blocks_of(path, tally, Options(**options)):
        for at in scan(block.rows, utf8_only=block.utf8_only):
            found = block.take(at)
            if found is not None:
                out.append(found)
    return out, tally


def names(found: list[Found]) -> list[str]:
    return [f.source.name for f in found]


def write(path: Path, *rows: Any) -> Path:
    path.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in rows), "utf-8")
    return path


# -- columns ---------------------------------------------------------------------------------------


def test_columns_are_found_by_name() -> None:
    found = choose(["ID", "Raw-Content", "URL", "timestamp"], ["ID", "Raw-Content"], None, None)
    assert (found.text, found.url, found.date) == ("Raw-Content", "URL", "timestamp")
    # of several the first of the list of names, not of the file
    assert choose(["content", "text"], ["content", "text"], None, None).text == "text"
    assert choose(["正文"], ["正文"], None, None).text == "正文"
    assert choose(["a", "meta.url"], ["a"], "a", None).url == "meta.url"


def test_a_missing_column_is_told_with_those_that_are_there() -> None:
    with pytest.raises(UsageError, match="no text column among 'id', 'score'"):
        choose(["score", "id"], [], None, None)
    with pytest.raises(UsageError, match="no column 'txt'"):
        choose(["text"], ["text"], "txt", None)
    with pytest.raises(UsageError, match="does not hold text"):
        choose(["text", "n"], ["text"], "n", None)
    with pytest.raises(UsageError, match="and 5 more"):
        choose([f"c{i:02d}" for i in range(25)], [], None, None)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("2024-03-01", "2024-03-01"),
        (" 2024-03-01T05:06:07+08:00", "2024-03-01T05:06:07+08:00"),
        ("2024-03-01 05:06", "2024-03-01 05:06"),
        ("20240301050607", "2024-03-01T05:06:07Z"),
        (1709269567, "2024-03-01T05:06:07Z"),
        (1709269567123, "2024-03-01T05:06:07Z"),
        ("1709269567.5", "2024-03-01T05:06:07Z"),
        (datetime.date(2024, 3, 1), "2024-03-01"),
        (b"2024-03-01", "2024-03-01"),
        ("1 March 2024", ""),
        ("2024-33-01", ""),
        ("", ""),
        (None, ""),
        ([2024], ""),
        (17, ""),
    ],
)
def test_times_are_iso_or_nothing(value: object, told: str) -> None:
    assert moment(value) == told


# -- JSON lines ------------------------------------------------------------------------------------


def test_broken_lines_are_counted_and_the_others_read(tmp_path: Path) -> None:
    good = json.dumps({"text": TOPIC, "url": "http://a.gov.cn/1"}, ensure_ascii=False)
    lines = [good, "", "not json", good[:40], good, f'{{"text": "{TOPIC}" "url"}}', "[1, 2]", "{}"]
    path = tmp_path / "a.jsonl"
    path.write_text("\n".join(lines), "utf-8")  # no line end behind the last
    found, tally = hits(path)
    assert names(found) == ["a.jsonl#1", "a.jsonl#5"]
    assert tally.documents == 7
    assert [p.where for p in tally.problems] == ["line 3", "line 4", "line 7", "line 6"]
    assert tally.damaged == 4


def test_rows_without_text_are_counted(tmp_path: Path) -> None:
    rows = [{"text": TOPIC}, {"text": None, "title": TOPIC}, {"text": [TOPIC]}, {"title": TOPIC}]
    found, tally = hits(write(tmp_path / "a.jsonl", *rows))
    assert names(found) == ["a.jsonl#1"]
    assert tally.skipped == {"row without text": 3}
    (problem,) = tally.problems
    assert str(problem).startswith("a.jsonl at line 2: column 'text' holds no text")


def test_lines_of_a_hundred_thousand_characters_and_line_ends_of_windows(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    long = noise(1, 100_000) + TOPIC + noise(2, 100_000)
    lines = [json.dumps({"text": t}, ensure_ascii=False) for t in (long, noise(3), long)]
    path.write_bytes(b"\xef\xbb\xbf" + "\r\n".join(lines).encode() + b"\r\n")
    found, tally = hits(path)
    assert [f.source.data.decode() == long for f in found] == [True, True]
    assert names(found) == ["a.jsonl#1", "a.jsonl#3"]
    assert (tally.documents, tally.damaged) == (3, 0)


def test_a_line_over_the_limit_is_left_out_and_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(corpus, "LARGEST", 3 << 20)
    monkeypatch.setattr(corpus, "BLOCK", 1 << 20)
    rows = [{"text": TOPIC}, {"text": TOPIC + "x" * (9 << 20)}, {"text": TOPIC}]
    found, tally = hits(write(tmp_path / "a.jsonl", *rows))
    assert len(found) == 2
    assert tally.skipped == {"document too large": 1}


def test_blocks_do_not_cut_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corpus, "BLOCK", 1)
    rows = [{"text": noise(i, 9000) + (TOPIC if i % 50 == 0 else "")} for i in range(200)]
    found, tally = hits(write(tmp_path / "a.jsonl", *rows))
    assert names(found) == [f"a.jsonl#{i + 1}" for i in (0, 50, 100, 150)]
    assert (tally.documents, tally.damaged) == (200, 0)


@pytest.mark.parametrize("ending", ["gz", "bz2", "xz", "zst"])
def test_packed_lines(ending: str, tmp_path: Path) -> None:
    data = b"".join(
        json.dumps({"text": TOPIC if i == 60 else noise(i, 3000)}).encode() + b"\n"
        for i in range(90)
    )
    pack: Any = {
        "gz": gzip.compress,
        "bz2": bz2.compress,
        "xz": lzma.compress,
        "zst": lambda d: pa.Codec("zstd").compress(d, asbytes=True),
    }[ending]
    path = tmp_path / f"a.jsonl.{ending}"
    whole = pack(data[: len(data) // 2]) + pack(data[len(data) // 2 :])  # two streams in one file
    path.write_bytes(whole)
    found, tally = hits(path)
    assert (names(found), tally.documents, tally.damaged) == ([f"{path.name}#61"], 90, 0)
    path.write_bytes(whole[: len(whole) * 3 // 4])
    _, tally = hits(path)
    assert tally.damaged >= 1
    assert any("cut or damaged" in p.what for p in tally.problems)


def test_zstd_with_a_dictionary_of_its_own_is_refused_clearly(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.zst"
    path.write_bytes(b"\x5d\x2a\x4d\x18\x04\x00\x00\x00abcd\x28\xb5\x2f\xfd")
    _, tally = hits(path)
    assert tally.unreadable == 1
    assert "dictionary" in str(tally.problems[0])


def test_nested_columns_of_lines(tmp_path: Path) -> None:
    row = {"data": {"body": TOPIC}, "meta": {"url": "http://a.gov.cn/1"}}
    found, _ = hits(write(tmp_path / "a.jsonl", row), column="data.body")
    assert (found[0].source.data.decode(), found[0].source.url) == (TOPIC, "http://a.gov.cn/1")


def test_lone_surrogates_and_deep_nests_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    deep = '{"text": ' + "[" * 100_000 + '"' + TOPIC + '"' + "]" * 100_000 + "}"
    path.write_text(f'{{"text": "{TOPIC}\\ud800"}}\n{deep}\n', "utf-8")
    found, tally = hits(path)
    assert [f.source.data.decode() for f in found] == [TOPIC + "?"]
    assert tally.damaged + tally.skipped.total() == 1


# -- Parquet ---------------------------------------------------------------------------------------


def test_parquet_columns_of_every_text_type(tmp_path: Path) -> None:
    texts = [noise(1), TOPIC, None, noise(2), TOPIC]
    for kind in (
        pa.string(),
        pa.large_string(),
        pa.binary(),
        pa.large_binary(),
        pa.string_view(),
        pa.dictionary(pa.int32(), pa.string()),
    ):
        values = [t.encode() if t and "binary" in str(kind) else t for t in texts]
        plain = pa.array(values, pa.binary() if "binary" in str(kind) else pa.string())
        column = plain.dictionary_encode() if "dictionary" in str(kind) else plain.cast(kind)
        path = tmp_path / "a.parquet"
        pq.write_table(pa.table({"id": range(5), "content": column}), path)
        found, tally = hits(path)
        assert names(found) == ["a.parquet#2", "a.parquet#5"], kind
        assert tally.skipped == {"row without text": 1}


def test_parquet_rows_are_numbered_through_row_groups(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    texts = [TOPIC if i in (0, 37, 99) else noise(i) for i in range(100)]
    pq.write_table(pa.table({"text": texts}), path, row_group_size=7)
    assert names(hits(path)[0]) == ["a.parquet#1", "a.parquet#38", "a.parquet#100"]


def test_parquet_with_nested_columns(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    meta = [{"url": "http://a.gov.cn/1", "tags": ["x"]}]
    pq.write_table(pa.table({"text": [TOPIC], "meta": meta, "list": [[1, 2]]}), path)
    found, _ = hits(path)
    assert found[0].source.url == "http://a.gov.cn/1"
    pq.write_table(pa.table({"text": [[TOPIC]], "meta": meta}), path)
    found, tally = hits(path)
    assert (found, tally.unreadable) == ([], 1)
    assert "no text column among 'meta'" in str(tally.problems[0])


def test_a_damaged_parquet_file_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    texts = [noise(i, 2000) for i in range(300)]
    pq.write_table(pa.table({"text": texts}), path, row_group_size=50)
    whole = path.read_bytes()
    path.write_bytes(whole[:-100])
    found, tally = hits(path)
    assert (found, tally.unreadable) == ([], 1)
    path.write_bytes(whole[:5000] + bytes(len(whole) - 20_000) + whole[len(whole) - 15_000 :])
    found, tally = hits(path)
    assert (found, tally.damaged) == ([], 6)  # each of the row groups


# -- CSV and text ----------------------------------------------------------------------------------


def test_csv_with_line_ends_in_fields_and_rows_of_wrong_width(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    quoted = f'"{TOPIC}\n\n""x"", y"'
    path.write_text(f"url,content\nu1,{quoted}\nu2\nu3,a,b\nu4,{quoted}\n", "utf-8")
    found, tally = hits(path)
    assert [(f.source.url, f.source.name) for f in found] == [("u1", "a.csv#1"), ("u4", "a.csv#4")]
    assert [p.where for p in tally.problems] == ["row 2", "row 3"]
    assert found[0].source.data.decode() == f'{TOPIC}\n\n"x", y'
    assert tally.damaged == 2


def test_a_quote_without_its_end_costs_one_row_of_limited_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(corpus_csv, "LARGEST", 200_000)
    csv.field_size_limit(1000)  # the limit is the process's; an earlier test may have raised it
    path = tmp_path / "a.csv"
    rest = "".join(f"u{i},{noise(i, 1000)}\n" for i in range(300))
    path.write_text(f'url,text\nu,{TOPIC}\nx,"{rest}v,{TOPIC}\n', "utf-8")
    found, tally = hits(path)
    assert [f.source.url for f in found] == ["u", "v"]
    assert tally.damaged == 1
    assert 90 < tally.documents < 302


def test_csv_bytes_of_no_encoding_stay_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    texts = [noise(1, 40_000).encode(), TOPIC.encode() + b"\xff", TOPIC.encode("gb18030")]
    path.write_bytes(b"url,text\n" + b"".join(b"u\xff," + t + b"\n" for t in texts))
    found, tally = hits(path)
    assert [f.source.data for f in found] == texts[1:]
    assert [f.source.url for f in found] == ["u?", "u?"]
    assert tally.damaged == 0


def test_csv_in_gb18030_and_packed(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(f"网址,正文\nu1,{TOPIC}\n".encode("gb18030"))
    assert [f.source.data.decode() for f in hits(path)[0]] == [TOPIC]
    path = tmp_path / "b.tsv.gz"
    path.write_bytes(gzip.compress(f"text\turl\n{TOPIC}\tu1\n".encode()))
    assert [f.source.url for f in hits(path)[0]] == ["u1"]


def test_text_files_as_one_document_lines_or_blank_lines(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text(f"x\n{TOPIC}\n\n\ny\n\n\n{TOPIC}\nz", "utf-8")
    assert names(hits(path)[0]) == ["a.txt"]
    assert names(hits(path, split="line")[0]) == ["a.txt#2", "a.txt#8"]
    found = hits(path, split="blank")[0]
    assert [f.source.data.decode() for f in found] == [f"x\n{TOPIC}", f"{TOPIC}\nz"]
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert len(hits(path, split="blank")[0]) == 2


def test_a_large_text_is_not_taken_for_one_document(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(corpus, "LARGEST", 1000)
    path = tmp_path / "a.txt"
    path.write_text(noise(1, 1000), "utf-8")
    _, tally = hits(path)
    assert tally.unreadable == 1
    assert "--split" in str(tally.problems[0])


# -- files that are none ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("a.jsonl", b"", "empty"),
        ("a.jsonl", b"\n\n\n", "no JSON object"),
        ("a.jsonl", b'{"a": 1}\n', "no text column"),
        ("a.json", b'[{"text": "x"}]', "one JSON array"),
        ("a.jsonl", bytes(range(256)) * 9, "not those of a json lines file"),
        ("a.parquet", b"no parquet", "not those of a parquet file"),
        ("a.parquet", b"PAR1 cut", "no readable Parquet"),
        ("a.csv", b"id,score\n1,2\n", "no text column"),
        ("a.csv.gz", b"\x1f\x8b\x08\x00cut", "cut or damaged"),
        ("a.warc", b"<html>" * 9, "no record starts"),
        ("a.warc.gz", members([b"<html>" * 9]), "no record starts"),
        ("a.bin", b"\x00\x01\x02", "neither its name"),
        ("a.zip", b"PK\x03\x04", "zip archive"),
        ("a.arrow", b"ARROW1\0\0", "Arrow"),
        ("b.warc.gz", members([record("metadata", b"")]), "no document"),
    ],
)
def test_files_without_documents_are_told(
    name: str, data: bytes, told: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    found, tally = hits(path)
    assert found == []
    assert tally.unreadable + tally.damaged >= 1
    assert told in " ".join(map(str, tally.problems))


def test_a_file_without_a_telling_name_is_known_by_its_bytes(tmp_path: Path) -> None:
    path = tmp_path / "part-00000"
    path.write_text(json.dumps({"text": TOPIC}) + "\n", "utf-8")
    assert names(hits(path)[0]) == ["part-00000#1"]


def test_problems_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "LISTED", 5)
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "x"}\n' + "broken\n" * 1000, "utf-8")
    _, tally = hits(path)
    assert (tally.damaged, len(tally.problems)) == (1000, 5)


def test_kinds_by_name() -> None:
    kinds = {
        "CC-MAIN-x.warc.wet.gz": "warc",
        "a.warc.zst": "warc",
        "x.JSONL.zst": "json lines",
        "x.parquet": "parquet",
        "crawl.wacz": "wacz",
        "report.pdf": None,
        ".hidden.jsonl": None,
        "README": None,
    }
    assert {n: kind_by_name(Path(n)) for n in kinds} == kinds

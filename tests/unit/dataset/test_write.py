from __future__ import annotations

import json
import random
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from handmade import RQ, failure, hybrid, report, town
from older_page import older
from recorded import as_copy, many, records, report_of, tree

from govreport_parse.dataset import known_sources, load, verify_dataset, write_dataset
from govreport_parse.dataset import pieces as pieces_module
from govreport_parse.dataset import write as write_module
from govreport_parse.dataset.disk import locked
from govreport_parse.errors import DatasetError, NotAReportError, UsageError
from govreport_parse.frames import to_table
from govreport_parse.report import Failure, Section, SourceInfo
from govreport_parse.testing import render_html
from govreport_parse.values import State

# -- what is written is what is read ---------------------------------------------------------------


def test_ten_thousand_reports_come_back_with_every_value_and_state(tmp_path: Path) -> None:
    made = list(many(10_000))
    result = write_dataset((r for _, r in made), tmp_path / "d")
    assert (result.added, result.reports) == (10_000, 10_000)
    read = load(tmp_path / "d").figures.to_table(["report_id", "path", "value", "state", "raw"])
    expected: dict[str, dict[str, tuple[object, str, str]]] = {}
    for record, made_report in made:
        expected[made_report.report_id] = {
            path: (None if c.value is None else float(c.value), str(c.state), c.text)
            for path, c in record.cells.items()
        }
    assert read.num_rows == sum(map(len, expected.values()))
    wrong = 0
    for batch in read.to_batches():
        columns = [batch[name].to_pylist() for name in ("report_id", "path", "value")]
        states, raws = batch["state"].to_pylist(), batch["raw"].to_pylist()
        for key, path, value, state, raw in zip(*columns, states, raws, strict=True):
            wrong += expected[key].pop(path) != (value, state, raw)
    assert wrong == 0
    assert not any(expected.values())


def test_parsed_reports_come_back_with_every_value_and_state(tmp_path: Path) -> None:
    import govreport_parse as gov

    known = records(200, seed=7)
    parsed = [gov.parse(render_html(r, "clean").text.encode(), url=f"https://a{i}.cn/r")
              for i, r in enumerate(known)]  # fmt: skip
    write_dataset(parsed, tmp_path / "d")
    read = load(tmp_path / "d").figures.to_table(["report_id", "path", "value", "state"])
    rows = {(r["report_id"], r["path"]): (r["value"], r["state"]) for r in read.to_pylist()}
    assert len(rows) == sum(len(r.cells) for r in known)
    for record, made in zip(known, parsed, strict=True):
        for path, cell in record.cells.items():
            value = None if cell.value is None else float(cell.value)
            assert rows[made.report_id, path] == (value, cell.state), (record.organ, path)


@pytest.mark.parametrize(
    ("table", "shape"),
    [
        ("figures", "long"),
        *((n, n) for n in ("checks", "findings", "sections", "narrative", "indicators")),
    ],
)
def test_tables_are_those_of_to_frame_sorted_by_year_and_id(
    tmp_path: Path, table: str, shape: str
) -> None:
    reports = [r for _, r in many(60)] + [report(form="mixed", name="x"), older()]
    write_dataset(reports, tmp_path / "d")
    ordered = sorted(reports, key=lambda r: (r.year or -1, r.report_id))
    expected = to_table(ordered, shape)  # type: ignore[arg-type]
    read = load(tmp_path / "d").table(table).to_table()
    assert read.num_rows == expected.num_rows > 0
    for name in read.schema.names:
        assert read[name].to_pylist() == expected[name].to_pylist(), name


def test_further_reports_of_a_document_are_kept_as_reports(tmp_path: Path) -> None:
    first = town()
    first.others = (report({f"{RQ}/granted/total": 9}, report_id=first.report_id + "#2"),)
    write_dataset([first], tmp_path / "d")
    read = load(tmp_path / "d")
    assert sorted(read.reports.to_table()["report_id"].to_pylist()) == [
        first.report_id,
        first.report_id + "#2",
    ]
    assert len(read.figures) == 400


# -- same set, same bytes --------------------------------------------------------------------------


def test_another_order_gives_the_same_bytes(tmp_path: Path) -> None:
    reports = [r for _, r in many(400)]
    items = [*reports, failure("a"), failure("b")]
    write_dataset(items, tmp_path / "one")
    random.Random(3).shuffle(items)
    write_dataset(iter(items), tmp_path / "two")
    assert tree(tmp_path / "one") == tree(tmp_path / "two")


def test_several_writes_give_the_bytes_of_one(tmp_path: Path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(write_module, "PART", 16)
    reports = [r for _, r in many(300)]
    write_dataset(reports, tmp_path / "one")
    for start in (0, 200, 10):
        write_dataset(reports[start : start + 190], tmp_path / "two")
    assert tree(tmp_path / "one") == tree(tmp_path / "two")
    # several parts a year, none of more than 16 reports by much
    parts = load(tmp_path / "one").manifest.of("reports")
    assert len(parts) > 15
    assert max(p.rows for p in parts) <= 32


def test_reports_that_do_not_fit_in_memory_give_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reports = [r for _, r in many(300)]
    write_dataset(reports, tmp_path / "one")
    monkeypatch.setattr(pieces_module, "MEMORY", 1)
    monkeypatch.setattr(write_module, "BATCH", 7)
    write_dataset(reports, tmp_path / "two")
    assert tree(tmp_path / "one") == tree(tmp_path / "two")


def test_another_process_gives_the_same_bytes(tmp_path: Path) -> None:
    write_dataset([r for _, r in many(20)], tmp_path / "one")
    code = (
        "import sys; sys.path[:0] = sys.argv[2:];"
        "from recorded import many; from govreport_parse.dataset import write_dataset;"
        "write_dataset([r for _, r in many(20)], sys.argv[1])"
    )
    here = [str(Path(__file__).parent), str(Path(__file__).parents[1])]
    subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "two"), *here],
        check=True,
        env={"PYTHONHASHSEED": "77"},
    )
    assert tree(tmp_path / "one") == tree(tmp_path / "two")


# -- incremental -----------------------------------------------------------------------------------


def test_what_is_there_is_left_alone(tmp_path: Path) -> None:
    reports = [r for _, r in many(50)]
    write_dataset(reports, tmp_path / "d")
    before = {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*") if p.is_file()}
    again = write_dataset(reports, tmp_path / "d")
    assert (again.added, again.skipped, again.parts_written) == (0, 50, 0)
    assert {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*") if p.is_file()} == before


def test_parts_of_other_years_are_not_written_again(tmp_path: Path) -> None:
    made = records(8)
    write_dataset([report_of(r, i, year=2021) for i, r in enumerate(made)], tmp_path / "d")
    first = {p for p in tree(tmp_path / "d") if p != "_manifest.json"}
    result = write_dataset([report_of(made[0], 99, year=2022)], tmp_path / "d")
    assert first < set(tree(tmp_path / "d"))
    assert result.parts_kept == len(first)


def test_a_newer_parser_replaces_and_an_older_one_does_not(tmp_path: Path) -> None:
    path = f"{RQ}/granted/total"
    write_dataset([town()], tmp_path / "d", parser_version="1.9.0")
    better = town(changes={path: State.BLANK})
    old = write_dataset([better], tmp_path / "d", parser_version="1.8.9")
    assert (old.replaced, old.skipped) == (0, 1)
    new = write_dataset([better], tmp_path / "d", parser_version="1.10.0")
    assert (new.added, new.replaced, new.reports) == (0, 1, 1)
    read = load(tmp_path / "d")
    assert read.figures.to_table(filter={"path": path})["state"].to_pylist() == ["blank"]
    assert read.reports.to_table()["parser_version"].to_pylist() == ["1.10.0"]


def test_a_new_parser_that_finds_fewer_reports_in_a_document_removes_the_rest(
    tmp_path: Path,
) -> None:
    two = town()
    two.others = (report(report_id=two.report_id + "#2"),)
    write_dataset([two], tmp_path / "d", parser_version="1")
    write_dataset([town()], tmp_path / "d", parser_version="2")
    assert load(tmp_path / "d").reports.to_table()["report_id"].to_pylist() == [two.report_id]


def test_known_sources_tell_what_need_not_be_parsed(tmp_path: Path) -> None:
    assert known_sources(tmp_path / "d") == {}
    made = town()
    write_dataset([made, failure()], tmp_path / "d", parser_version="7")
    assert known_sources(tmp_path / "d") == {made.source.sha256: "7"}


# -- copies and versions ---------------------------------------------------------------------------


def _marks(folder: Path) -> dict[str, tuple[str | None, int, str | None]]:
    rows = load(folder).reports.to_table().to_pylist()
    return {r["source_name"]: (r["duplicate_of"], r["version"], r["superseded_by"]) for r in rows}


def _telling(**more: object):  # type: ignore[no-untyped-def]
    """A report with 15 numbers other than 0: enough to tell it from all others."""
    paths = list(town().layout.paths)[20:35]
    return report(dict.fromkeys(paths, 3), organ="甲县水利局", year=2023, **more)


def test_a_mirror_with_the_same_figures_is_kept_and_marked(tmp_path: Path) -> None:
    base = _telling()
    official = as_copy(base, "official", url="https://www.jia.gov.cn/r.html")
    mirror = as_copy(base, "mirror", url="https://aaa.example/r.html")
    write_dataset([mirror, official], tmp_path / "d")
    assert _marks(tmp_path / "d") == {
        "official": (None, 1, None),
        "mirror": (official.report_id, 1, None),
    }


@pytest.mark.parametrize(
    "change", [{"year": 2022}, {"organ": "乙县水利局"}], ids=["other year", "other organ"]
)
def test_the_same_figures_of_another_year_or_organ_are_no_copy(
    tmp_path: Path, change: dict[str, object]
) -> None:
    base = _telling()
    write_dataset([as_copy(base, "a"), as_copy(base, "b", **change)], tmp_path / "d")
    assert {m[0] for m in _marks(tmp_path / "d").values()} == {None}


def test_reports_of_zeros_of_organs_of_one_name_are_no_copies(tmp_path: Path) -> None:
    # 鼓楼区 is the name of four districts
    zeros = report(organ="鼓楼区教育局", year=2023)
    write_dataset([as_copy(zeros, "nanjing"), as_copy(zeros, "fuzhou")], tmp_path / "d")
    assert set(_marks(tmp_path / "d").values()) == {(None, 1, None)}


def test_reports_without_any_value_are_no_copies(tmp_path: Path) -> None:
    empty = report(fill=State.ABSENT, organ="甲县水利局", year=2023, division_code="110101")
    write_dataset([as_copy(empty, "a"), as_copy(empty, "b")], tmp_path / "d")
    assert {m[0] for m in _marks(tmp_path / "d").values()} == {None}


def test_a_changed_report_at_one_address_is_kept_and_marked(tmp_path: Path) -> None:
    url = "https://www.jia.gov.cn/r.html"
    old, new = (
        report({f"{RQ}/granted/total": n}, name=f"v{n}", organ="甲县水利局", year=2023)
        for n in (1, 2)
    )
    old = replace(old, source=replace(old.source, url=url))
    new = replace(new, source=replace(new.source, url=url))
    when = {old.source.sha256: "2024-02-01T00:00:00Z", new.source.sha256: "2024-05-01T00:00:00Z"}
    write_dataset([new, old], tmp_path / "d", retrieved=when)
    assert _marks(tmp_path / "d") == {"v1": (None, 1, new.report_id), "v2": (None, 2, None)}
    retrieved = load(tmp_path / "d").reports.to_table(["retrieved"])["retrieved"].to_pylist()
    assert sorted(retrieved) == sorted(when.values())


def test_a_changed_report_of_one_organ_and_division_at_another_address_is_marked(
    tmp_path: Path,
) -> None:
    a = town(name="a", division_code="110101")
    b = town(changes={f"{RQ}/granted/total": 4}, name="b", division_code="110101")
    write_dataset([a], tmp_path / "d")
    write_dataset([b], tmp_path / "d")
    # neither is dated otherwise: what came later is newer
    assert _marks(tmp_path / "d") == {"a": (None, 1, b.report_id), "b": (None, 2, None)}


def test_organs_of_one_name_in_other_places_are_no_versions(tmp_path: Path) -> None:
    a = town(name="a", division_code="320106")
    b = town(changes={f"{RQ}/granted/total": 4}, name="b", division_code="350102")
    write_dataset([a, b], tmp_path / "d")
    assert set(_marks(tmp_path / "d").values()) == {(None, 1, None)}


def test_the_same_bytes_from_two_places_are_one_report(tmp_path: Path) -> None:
    made = town()
    other = replace(made, source=replace(made.source, url="https://www.qing.gov.cn/x"))
    result = write_dataset([made, other], tmp_path / "d")
    row = load(tmp_path / "d").reports.to_table().to_pylist()[0]
    assert (result.added, result.reports) == (1, 1)
    assert row["url"] == "https://www.qing.gov.cn/x"
    assert [o["url"] for o in json.loads(row["other_sources"])] == [made.source.url]


def test_the_same_bytes_twice_in_a_batch_keep_the_rows_of_their_neighbours(tmp_path: Path) -> None:
    reports = [r for _, r in many(9)]
    write_dataset(reports, tmp_path / "one")
    write_dataset([r for r in reports for _ in range(2)], tmp_path / "two")
    assert tree(tmp_path / "one") == tree(tmp_path / "two")


def test_personal_numbers_are_masked_unless_told_otherwise(tmp_path: Path) -> None:
    # 11010519491231002X is the example of GB 11643
    made = town(sections=(Section("overview", "一", "张某，身份证号11010519491231002X。"),))
    write_dataset([made], tmp_path / "d")
    write_dataset([made], tmp_path / "open", mask=False)
    assert "11010519491231002X" not in load(tmp_path / "d").sections.to_table()["text"][0].as_py()
    assert "11010519491231002X" in load(tmp_path / "open").sections.to_table()["text"][0].as_py()
    for data in tree(tmp_path / "d").values():
        assert b"11010519491231002X" not in data


# -- failures --------------------------------------------------------------------------------------


def test_a_failure_goes_when_a_report_of_it_comes(tmp_path: Path) -> None:
    lost = Failure(town().source, NotAReportError("no tables"))
    gone = Failure(
        SourceInfo("x", "https://town.example/town.html", "", 0, "", None), NotAReportError("404")
    )
    write_dataset([lost, gone, failure()], tmp_path / "d")
    assert len(load(tmp_path / "d").failures) == 3
    write_dataset([town()], tmp_path / "d")
    left = load(tmp_path / "d").failures.to_table()
    assert left["source_name"].to_pylist() == ["news.html"]


def test_a_failure_is_told_once_with_its_reason(tmp_path: Path) -> None:
    for _ in range(2):
        write_dataset([failure()], tmp_path / "d")
    (row,) = load(tmp_path / "d").failures.to_table().to_pylist()
    assert row["error_type"] == "NotAReportError"
    assert row["error_message"] == "no table and no section of a known form"
    assert row["year"] is None


def lost(url: str | None, organ: str, message: str = "no report", **more: object) -> Failure:
    """An error page that a host gives for whatever is asked of it: the same bytes each time."""
    page = {"name": "error.html", "sha256": "ab" * 32, "bytes": 9, "media_type": "text/html"}
    source = SourceInfo(url=url, encoding=None, **{**page, **more})  # type: ignore[arg-type]
    return Failure(source, NotAReportError(message, context={"organ": organ, "year": 2023}))


def test_the_same_error_page_is_a_failure_of_each_organ(tmp_path: Path) -> None:
    places = {f"https://town.example/{n}.html": f"{n}镇人民政府" for n in "甲乙丙"}
    gone = lost("https://town.example/丁.html", "丁镇人民政府", sha256="", bytes=0)
    for _ in range(2):  # told again they are no more
        write_dataset([gone, *(lost(url, organ) for url, organ in places.items())], tmp_path / "d")
    write_dataset([lost("https://town.example/乙.html", "乙镇人民政府", "again")], tmp_path / "d")
    rows = load(tmp_path / "d").failures.to_table().to_pylist()
    assert {r["url"]: (r["organ"], r["error_message"]) for r in rows} == {
        "https://town.example/甲.html": ("甲镇人民政府", "no report"),
        "https://town.example/乙.html": ("乙镇人民政府", "again"),
        "https://town.example/丙.html": ("丙镇人民政府", "no report"),
        "https://town.example/丁.html": ("丁镇人民政府", "no report"),
    }
    assert len(rows) == 4
    seen = load(tmp_path / "d").coverage()
    assert dict(zip(seen["organ"], seen["status"], strict=True)) == {
        f"{n}镇人民政府": "failed" for n in "甲乙丙丁"
    }


def test_files_of_one_name_and_content_are_told_apart_by_whose_they_are(tmp_path: Path) -> None:
    made = [lost(None, organ) for organ in ("甲县人民政府", "乙县人民政府", "甲县人民政府")]
    write_dataset(made, tmp_path / "d")
    rows = load(tmp_path / "d").failures.to_table().to_pylist()
    assert sorted(r["organ"] for r in rows) == ["乙县人民政府", "甲县人民政府"]


# -- bad input -------------------------------------------------------------------------------------


def test_one_id_with_other_content_is_an_error_and_nothing_is_lost(tmp_path: Path) -> None:
    write_dataset([hybrid()], tmp_path / "d")
    before = tree(tmp_path / "d")
    with pytest.raises(DatasetError, match="two different reports have the id"):
        write_dataset([town(), town(changes={f"{RQ}/granted/total": 5})], tmp_path / "d")
    assert tree(tmp_path / "d") == before
    other = replace(hybrid(), source=replace(hybrid().source, sha256="0" * 64))
    with pytest.raises(DatasetError, match="two different reports have the id"):
        write_dataset([other], tmp_path / "d")
    assert tree(tmp_path / "d") == before


def test_what_is_no_report_is_a_usage_error_and_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="a report or failure is needed, not str"):
        write_dataset([town(), "report.html"], tmp_path / "d")  # type: ignore[list-item]
    assert tree(tmp_path / "d") == {}


def test_an_error_of_the_caller_passes_and_leaves_the_dataset(tmp_path: Path) -> None:
    write_dataset([hybrid()], tmp_path / "d")
    before = tree(tmp_path / "d")

    def broken():  # type: ignore[no-untyped-def]
        yield town()
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        write_dataset(broken(), tmp_path / "d")
    assert tree(tmp_path / "d") == before


def test_an_error_of_the_system_in_the_callers_iterator_stays_his(tmp_path: Path) -> None:
    def broken():  # type: ignore[no-untyped-def]
        yield town()
        raise FileNotFoundError(2, "no such page")

    with pytest.raises(FileNotFoundError, match="no such page"):
        write_dataset(broken(), tmp_path / "d")
    assert tree(tmp_path / "d") == {}


def test_a_dataset_with_other_columns_is_not_written_to(tmp_path: Path) -> None:
    write_dataset([town()], tmp_path / "d")
    path = tmp_path / "d" / "_manifest.json"
    data = json.loads(path.read_text())
    del data["schemas"]["narrative"]
    path.write_text(json.dumps(data))
    before = tree(tmp_path / "d")
    with pytest.raises(DatasetError, match="columns of 'narrative' are those of another version"):
        write_dataset([hybrid()], tmp_path / "d")
    assert tree(tmp_path / "d") == before


def test_a_folder_with_other_things_is_refused(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine")
    with pytest.raises(DatasetError, match=r"not empty.*letter\.txt"):
        write_dataset([town()], tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["letter.txt"]
    with pytest.raises(DatasetError, match="is no folder"):
        write_dataset([town()], tmp_path / "letter.txt")


def test_a_second_writer_is_told_at_once(tmp_path: Path) -> None:
    write_dataset([hybrid()], tmp_path / "d")
    with locked(tmp_path / "d"), pytest.raises(DatasetError, match="another process writes"):
        write_dataset([town()], tmp_path / "d")
    assert write_dataset([town()], tmp_path / "d").added == 1


def test_leftovers_of_a_writer_that_died_are_ignored_and_removed(tmp_path: Path) -> None:
    folder = tmp_path / "d"
    write_dataset([hybrid()], folder)
    clean = tree(folder)
    (folder / ".tmp-1-a").mkdir()
    (folder / ".tmp-1-a" / "figures.arrow").write_bytes(b"half")
    stray = folder / "figures" / "year=2023" / "part-0000000000000000.parquet"
    stray.parent.mkdir()
    stray.write_bytes(b"half")
    assert len(load(folder)) == 1
    assert [p.kind for p in verify_dataset(folder)] == ["leftover"]
    write_dataset([], folder)
    assert tree(folder) == clean


def test_links_in_the_folder_are_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "figures").symlink_to(outside)
    with pytest.raises(DatasetError, match="is a link"):
        write_dataset([town()], tmp_path / "d")
    assert list(outside.iterdir()) == []
    (tmp_path / "d" / "figures").unlink()
    target = tmp_path / "target"
    target.write_text("mine")
    (tmp_path / "d" / "_manifest.json").symlink_to(target)
    (tmp_path / "d" / ".lock").unlink()
    (tmp_path / "d" / ".lock").symlink_to(target)
    with pytest.raises(DatasetError):
        write_dataset([town()], tmp_path / "d")
    assert target.read_text() == "mine"


def test_lone_surrogates_of_a_broken_source_do_not_stop_a_write(tmp_path: Path) -> None:
    made = town(title="a\ud800b")
    bad = failure()
    bad = replace(bad, source=replace(bad.source, name="x\udfff"))
    write_dataset([made, bad], tmp_path / "d")
    read = load(tmp_path / "d")
    assert read.reports.to_table()["title"].to_pylist() == ["a?b"]
    assert read.failures.to_table()["source_name"].to_pylist() == ["x?"]


# -- the files -------------------------------------------------------------------------------------


def test_files_carry_schema_version_and_codebook(tmp_path: Path) -> None:
    write_dataset([town()], tmp_path / "d")
    for view in (load(tmp_path / "d").figures, load(tmp_path / "d").reports):
        metadata = pq.read_schema(view.files[0]).metadata
        assert metadata[b"govreport_dataset"] == b"1"
        lines = json.loads(metadata[b"govreport_codebook"])
        assert set(view.columns) <= {line["short"] for line in lines}
        assert all(line["zh"] and line["en"] for line in lines)
        assert view.schema.metadata == metadata
    lines = json.loads(
        pq.read_schema(load(tmp_path / "d").figures.files[0]).metadata[b"govreport_codebook"]
    )
    paths = {line["path"] for line in lines if "path" in line}
    assert set(town().layout.paths) <= paths


def test_other_programs_read_the_tables_as_hive_partitions(tmp_path: Path) -> None:
    write_dataset([town(), hybrid()], tmp_path / "d")
    read = pq.read_table(tmp_path / "d" / "figures")
    assert read.num_rows == 386
    assert set(read["year"].to_pylist()) == {"2023", "unknown"}
    assert read.schema.field("state").type == pa.string()


def test_the_manifest_names_every_file_with_rows_and_hash(tmp_path: Path) -> None:
    import hashlib

    write_dataset([town(), failure()], tmp_path / "d")
    data = json.loads((tmp_path / "d" / "_manifest.json").read_text())
    assert (data["format"], data["schema"]) == ("govreport-dataset", 1)
    assert data["created_by"].startswith("govreport_parse ")
    assert data["tables"] == {
        "reports": 1, "figures": 200, "checks": 42, "findings": 1, "sections": 2, "narrative": 1,
        "indicators": 0, "failures": 1,
    }  # fmt: skip
    on_disk = {p for p in tree(tmp_path / "d") if p.endswith(".parquet")}
    assert {p["path"] for p in data["parts"]} == on_disk
    for part in data["parts"]:
        content = (tmp_path / "d" / part["path"]).read_bytes()
        assert part["bytes"] == len(content)
        assert part["sha256"] == hashlib.sha256(content).hexdigest()

"""Records that rotted in the archive: each is told by name, none as an empty document."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from harvesting.harvested_site import Site, collect, report, served, sites

from govreport_parse.cli.main import cli
from govreport_parse.dataset import load
from govreport_parse.fetch.archive import segment_names, segment_path
from govreport_parse.fetch.state import open_state_readonly
from govreport_parse.harvesting.rebuild import INNER, build
from govreport_parse.harvesting.results import look, utc
from govreport_parse.harvesting.scaled import build_scaled


@pytest.fixture
def site() -> Iterator[Site]:
    with sites() as found:
        yield found


@pytest.fixture
def folder(site: Site, tmp_path: Path) -> Path:
    """Four pages, two of them damaged in the archive, and one that really is empty."""
    for number in range(1, 5):
        site.page(f"/{number}", served(report(number)))
    site.page("/5", served(b""))
    rows = [{"url": site.url(f"/{n}"), "organ": f"第{n}县"} for n in range(1, 6)]
    collect(rows, tmp_path, parse=False)
    (name,) = segment_names(tmp_path)
    with open_state_readonly(tmp_path, utc) as state:
        places = {c.asked[-1]: c.offset + c.length // 2 for c in state.captures()}
    with segment_path(tmp_path, name).open("r+b") as file:
        for number in "24":
            file.seek(places[number])
            byte = file.read(1)
            file.seek(places[number])
            file.write(bytes([byte[0] ^ 0xFF]))
    return tmp_path


def failures(folder: Path) -> dict[str, tuple[Any, ...]]:
    columns = ["url", "error_type", "error_message", "organ", "sha256"]
    rows = load(folder / INNER).failures.to_table(columns).to_pylist()
    return {row["url"][-1]: tuple(row[c] for c in columns[1:]) for row in rows}


def check(found: dict[str, tuple[Any, ...]]) -> None:
    assert set(found) == {"2", "4", "5"}
    for number in "24":
        kind, message, organ, sha256 = found[number]
        assert kind == "DatasetError"
        assert "can't be read back" in message
        assert "govreport-00001.warc.gz" in message
        assert organ == f"第{number}县"
        assert sha256 is None
    assert found["5"][0] != "DatasetError"
    assert "read back" not in found["5"][1]


def test_a_build_names_the_damage_of_each_record(folder: Path) -> None:
    counts = build(folder)
    assert dict(counts.outcomes) == {
        "parsed": 2,
        "failed": 2,
    }  # the empty page was never a document
    check(failures(folder))
    with open_state_readonly(folder, utc) as state:
        told = {o.url[-1]: o.parse_detail for o in state.outcomes()}
    assert "can't be read back" in told["2"]
    assert "can't be read back" in told["4"]


def test_a_build_of_many_processes_names_it_too(folder: Path) -> None:
    build_scaled(folder, jobs=1)
    check(failures(folder))


def test_a_build_over_a_damaged_archive_tells_what_is_to_be_fetched_again(tmp_path: Path) -> None:
    with sites() as site:
        paths = ("/1", "/2", "/3")
        for number, path in enumerate(paths, 1):
            site.page(path, served(report(number)))
        collect([site.url(path) for path in paths], tmp_path)
    (segment,) = (tmp_path / "archive").iterdir()
    segment.write_bytes(segment.read_bytes()[:-700])
    counts = build(tmp_path)
    assert counts.outcomes == {"parsed": 2}
    assert counts.repairs
    run = look(tmp_path)
    assert run is not None
    lines = repr(run).splitlines()
    assert "  2 done, 1 queued (the same harvest asks for them)" in lines
    assert [line for line in lines if line.startswith("  mended: ")] == [
        f"  mended: {told}" for told in counts.repairs
    ]
    assert len(run.dataset) == 3, "what was read before the damage stays"


def command(*arguments: object) -> Result:
    return CliRunner().invoke(cli, [str(a) for a in arguments])


def test_the_command_says_what_a_build_found_lost_and_ends_with_1(tmp_path: Path) -> None:
    with sites() as site:
        for number in (1, 2):
            site.page(f"/{number}", served(report(number)))
        collect([site.url("/1"), site.url("/2")], tmp_path)
    assert command("build", tmp_path).exit_code == 0
    (segment,) = (tmp_path / "archive").iterdir()
    segment.write_bytes(segment.read_bytes()[:-700])
    result = command("build", tmp_path)
    assert result.exit_code == 1
    assert "mended: 1 pages are lost and will be fetched again" in result.stderr
    again = command("build", tmp_path)
    assert again.exit_code == 0  # told once; what is open stays told
    assert "1 addresses are still to be fetched; the same harvest asks for them" in again.stderr


def test_a_build_by_a_scheduler_tells_the_loss_too(tmp_path: Path) -> None:
    with sites() as site:
        for number in (1, 2):
            site.page(f"/{number}", served(report(number)))
        collect([site.url("/1"), site.url("/2")], tmp_path)
    (segment,) = (tmp_path / "archive").iterdir()
    segment.write_bytes(segment.read_bytes()[:-700])
    told: list[tuple[tuple[str, ...], int]] = []
    for _ in range(2):
        build_scaled(tmp_path, jobs=1, damage=lambda repairs, lost: told.append((repairs, lost)))
    ((repairs, lost), later) = told
    assert repairs[-1] == "1 pages are lost and will be fetched again"
    assert (lost, later) == (1, ((), 0))


def test_bytes_that_never_counted_are_no_loss(tmp_path: Path) -> None:
    with sites() as site:
        site.page("/1", served(report(1)))
        collect([site.url("/1")], tmp_path)
    (segment,) = (tmp_path / "archive").iterdir()
    segment.write_bytes(segment.read_bytes() + b"half a record")
    result = command("build", tmp_path)
    assert result.exit_code == 0
    assert f"mended: {segment.name}: 13 bytes that were not saved yet cut off" in result.stderr


def test_an_imported_document_that_is_lost_is_a_failure_and_no_address(tmp_path: Path) -> None:
    out, files = tmp_path / "h", [tmp_path / f"{n}.html" for n in (1, 2)]
    for number, file in enumerate(files, 1):
        file.write_bytes(report(number))
    assert command("import", *files, "--out", out).exit_code == 0
    (segment,) = (out / "archive").iterdir()
    segment.write_bytes(segment.read_bytes()[:-700])
    shutil.rmtree(out / INNER, ignore_errors=True)
    for part in [*out.glob("*.parquet"), *out.glob("_manifest.json")]:
        part.unlink()
    result = command("build", out)
    assert result.exit_code == 1
    assert "mended: 1 imported documents are lost; import their files again" in result.stderr
    assert "still to be fetched" not in result.stderr
    (row,) = load(out).failures.to_table().to_pylist()
    assert (row["source_name"], row["error_type"]) == ("2.html", "DatasetError")
    assert "import its file again" in row["error_message"]
    # A harvest in the same folder asks no server for it; its file makes it whole.
    with open_state_readonly(out, utc) as state:
        assert state.queued() == 0
    assert command("import", files[1], "--out", out).exit_code == 0
    assert (len(load(out)), len(load(out).failures)) == (2, 0)


def test_an_import_of_a_path_at_which_nothing_is_writes_nothing(tmp_path: Path) -> None:
    there, out = tmp_path / "1.html", tmp_path / "h"
    there.write_bytes(report(1))
    result = command("import", there, tmp_path / "no.html", "--out", out)
    assert result.exit_code == 2
    assert "no.html" in result.stderr
    assert "nothing was imported" in result.stderr
    assert not out.exists()
    assert command("import", there, "--out", out).exit_code == 0
    assert (len(load(out)), len(load(out).failures)) == (1, 0)

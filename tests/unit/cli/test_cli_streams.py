"""The program among its streams: full, closed, devices, links; and documents with odd names."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from govreport_parse.cli import inputs
from govreport_parse.errors import UsageError

PROGRAM = [sys.executable, "-m", "govreport_parse.cli.main"]

pytestmark = pytest.mark.skipif(os.name != "posix", reason="streams of POSIX")


def shell(line: str, *names: object, folder: Path) -> subprocess.CompletedProcess[str]:
    """A line of sh in which ``$G`` is the program and ``$1`` … are names."""
    return subprocess.run(
        ["sh", "-c", line.replace("$G", '"$0" -m govreport_parse.cli.main'), sys.executable]
        + [os.fspath(n) if isinstance(n, Path) else str(n) for n in names],
        cwd=folder,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
@pytest.mark.parametrize("args", ["--help", "--version", "parse --help", "fixture list --help"])
def test_help_that_finds_no_room_is_told_without_a_traceback(args: str, tmp_path: Path) -> None:
    done = shell(f"$G {args} > /dev/full", folder=tmp_path)
    assert done.returncode == 74
    assert done.stderr.startswith("govreport: GovReportError: cannot write the output: No space")
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


@pytest.mark.parametrize("args", ["schema", 'parse "$1"', 'parse "$1" --format csv'])
def test_a_closed_output_is_told_and_nothing_else_gets_the_data(
    town_page: Path, tmp_path: Path, args: str
) -> None:
    done = shell(f"$G {args} >&-", town_page, folder=tmp_path)
    assert done.returncode == 74
    assert "Bad file descriptor" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_closed_output_is_no_matter_where_a_file_is_written(
    town_page: Path, tmp_path: Path
) -> None:
    done = shell('$G parse "$1" -o out.json <&- >&-', town_page, folder=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads((tmp_path / "out.json").read_text("utf-8"))["organ"] == "青石镇人民政府"


def test_a_closed_standard_input_is_wrong_usage(tmp_path: Path) -> None:
    done = shell("$G parse - <&-", folder=tmp_path)
    assert done.returncode == 2
    assert "cannot read standard input" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("where", ["2>&-", "2>/dev/full"])
def test_messages_that_nobody_takes_cost_no_data(
    town_page: Path, no_report: Path, tmp_path: Path, where: str
) -> None:
    if "full" in where and not Path("/dev/full").exists():
        pytest.skip("no device that is always full")
    done = shell(
        f'$G parse "$1" "$2" --format jsonl {where}', no_report, town_page, folder=tmp_path
    )
    assert done.returncode == 1
    failed, parsed = map(json.loads, done.stdout.splitlines())
    assert failed["error"]["type"] == "NotAReportError"
    assert parsed["organ"] == "青石镇人民政府"


@pytest.mark.parametrize("form", ["json", "csv"])
def test_a_device_or_pipe_as_output_is_written_and_not_replaced(
    town_page: Path, tmp_path: Path, form: str
) -> None:
    done = shell(f'$G parse "$1" -o /dev/stdout --format {form} | cat', town_page, folder=tmp_path)
    assert "青石镇人民政府" in done.stdout
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    done = shell(
        f'cat pipe & $G parse "$1" -o pipe --format {form}; wait', town_page, folder=tmp_path
    )
    assert "青石镇人民政府" in done.stdout
    assert pipe.is_fifo()


def test_a_link_as_output_keeps_pointing_at_its_file(town_page: Path, tmp_path: Path) -> None:
    (tmp_path / "link.json").symlink_to("real.json")
    (tmp_path / "ring.json").symlink_to("ring.json")
    assert shell('$G parse "$1" -o link.json', town_page, folder=tmp_path).returncode == 0
    assert (tmp_path / "link.json").is_symlink()
    assert json.loads((tmp_path / "real.json").read_text("utf-8"))["year"] == 2023
    done = shell('$G parse "$1" -o ring.json', town_page, folder=tmp_path)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "line", ["parse c.txt -o c.txt", "parse d -o d/c.txt", "review c.txt -o l"]
)
def test_a_document_is_never_overwritten_by_what_is_read_from_it(
    town_page: Path, tmp_path: Path, line: str
) -> None:
    (tmp_path / "d").mkdir()
    for path in (tmp_path / "c.txt", tmp_path / "d" / "c.txt"):
        path.write_bytes(town_page.read_bytes())
    (tmp_path / "l").symlink_to("c.txt")
    done = shell(f"$G {line}", folder=tmp_path)
    assert done.returncode == 2
    assert "is one of the documents to read" in done.stderr
    for path in (tmp_path / "c.txt", tmp_path / "d" / "c.txt"):
        assert path.read_bytes() == town_page.read_bytes()


def test_a_page_goes_to_standard_output(town_page: Path, tmp_path: Path) -> None:
    done = shell('$G review "$1" -o -', town_page, folder=tmp_path)
    assert done.stdout.startswith("<!doctype html>")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    "line",
    [
        *("parse ''", "check ''", "explain '' x", "show ''", "status ''", "build ''", "verify ''"),
        *("import town.html --out ''", "import town.html --out=", "parse town.html -o ''"),
        *("harvest '' --out h --contact a@b.cn", "demo -o ''", "fixture verify --root ''"),
    ],
)
def test_an_empty_path_is_not_the_folder_one_stands_in(
    town_page: Path, tmp_path: Path, line: str
) -> None:
    assert town_page.parent == tmp_path
    done = shell(f"$G {line}", folder=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "is empty (an unset variable?)" in done.stderr
    assert list(tmp_path.iterdir()) == [town_page]


@pytest.mark.parametrize("name", ["new\nline.html", "-x.html", "a\x1b[31mb.html", "a b'\".html"])
def test_odd_names_are_read_and_told_as_they_are(
    town_page: Path, tmp_path: Path, name: str
) -> None:
    (tmp_path / name).write_bytes(town_page.read_bytes())
    done = shell('$G parse --format jsonl -- "$1"', name, folder=tmp_path)
    assert json.loads(done.stdout)["source"]["name"] == name
    card = shell('$G parse -- "$1"', name, folder=tmp_path).stdout
    assert "\x1b" not in card
    assert "青石镇人民政府" in card


def test_a_name_that_is_no_text_is_read(town_page: Path, tmp_path: Path) -> None:
    name = os.fsencode(tmp_path) + b"/s\xff\xfe.html"
    with open(name, "wb") as file:
        file.write(town_page.read_bytes())
    done = subprocess.run(
        [*PROGRAM, "parse", name, "--format", "jsonl"], capture_output=True, check=True
    )
    assert json.loads(done.stdout)["organ"] == "青石镇人民政府"


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/null"])
def test_a_device_is_no_document(tmp_path: Path, device: str) -> None:
    if not Path(device).exists():
        pytest.skip("no such device")
    done = shell(f"$G parse {device} --format jsonl", folder=tmp_path)
    assert json.loads(done.stdout)["error"]["type"] == "UsageError"
    assert done.returncode == 1


def test_a_pipe_among_the_paths_is_read(town_page: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    done = shell('cat "$1" > pipe & $G parse pipe --format json', town_page, folder=tmp_path)
    assert json.loads(done.stdout)["organ"] == "青石镇人民政府"


def test_what_a_folder_holds_is_read_or_told(town_page: Path, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    (folder / "sub").mkdir(parents=True)
    (folder / "sub" / "a.html").write_bytes(town_page.read_bytes())
    (folder / "gone.html").symlink_to("nowhere.html")
    (folder / "linked").symlink_to(tmp_path)
    os.mkfifo(folder / "pipe")  # never opened: it would never end
    done = shell("$G parse in --format jsonl", folder=tmp_path)
    gone, read = map(json.loads, done.stdout.splitlines())
    assert gone["error"]["type"] == "UsageError"
    assert read["organ"] == "青石镇人民政府"
    assert done.returncode == 1
    assert "1 linked folder left out" in done.stderr


def test_a_folder_that_cannot_be_looked_into_is_not_passed_over(
    town_page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert town_page.parent == tmp_path
    shut = tmp_path / "shut"
    shut.mkdir()
    listed = os.scandir

    def scandir(path: object) -> object:
        if os.fspath(path) == str(shut):  # type: ignore[call-overload]
            raise PermissionError(13, "Permission denied", str(shut))
        return listed(path)  # type: ignore[call-overload]

    monkeypatch.setattr(os, "scandir", scandir)
    with pytest.raises(UsageError, match=r"cannot look into .*shut.*Permission denied"):
        inputs.sources([str(tmp_path)])


@pytest.mark.parametrize("args", [[], ["--jobs", "2"], ["--format", "csv", "-o", "out.csv"]])
def test_ctrl_c_ends_a_run_with_one_line(tmp_path: Path, args: list[str]) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)  # a document that never comes
    with subprocess.Popen(
        [*PROGRAM, "parse", "pipe", *args],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        held = opened_by_the_other_end(pipe, process)
        os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=120)
        os.close(held)
    assert (process.returncode, out, err.strip()) == (130, b"", b"govreport: interrupted")
    assert list(tmp_path.iterdir()) == [pipe]


def opened_by_the_other_end(pipe: Path, reader: subprocess.Popen[bytes]) -> int:
    """The writing end of a pipe, once its reader has opened it."""
    for _ in range(2400):
        try:
            return os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:
            with suppress(subprocess.TimeoutExpired):
                reader.wait(0.05)
                break
    raise AssertionError("the program did not open the document")


def test_each_row_of_the_sources_at_fault_has_its_own_line(tmp_path: Path) -> None:
    rows = "".join(f"ftp://h{n}.example/{'x' * 60}\n" for n in range(9))
    (tmp_path / "s.csv").write_text("url\n" + rows, encoding="utf-8")
    done = shell("$G harvest s.csv --out h --contact me@uni.edu", folder=tmp_path)
    assert done.returncode == 2
    first, *more, hint = done.stderr.splitlines()
    assert first == "govreport: UsageError: 9 of 9 rows can't be harvested:"
    assert [line[:11] for line in more] == [f"    row {n}: " for n in range(1, 10)]
    assert hint.startswith("  hint: mend these rows")

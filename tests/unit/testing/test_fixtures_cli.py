"""``govreport fixture …``: what is printed where, exit codes, what is refused."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from govreport_parse.bundled_site import serve
from govreport_parse.cli.main import main
from govreport_parse.testing import random_record, render_html

PENALTIES = "proactive_disclosure/penalties/decisions"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.chdir(tmp_path)
    record = random_record(random.Random(9), size="county")
    (tmp_path / "Report 2023.html").write_text(render_html(record).text, "utf-8")
    return tmp_path


def run(*arguments: str) -> int:
    return main(["fixture", *arguments])


def added(name: str = "one") -> str:
    assert run("add", "Report 2023.html", "--name", name) == 0
    assert run("sign", name, "--by", "Li") == 0
    return f"ogi_annual_2021/{name}"


def mistype(here: Path) -> None:
    path = here / "fixtures" / "ogi_annual_2021" / "one" / "expected.tsv"
    lines = path.read_text("utf-8").split("\n")
    at = next(i for i, line in enumerate(lines) if line.startswith(PENALTIES))
    lines[at] = "\t".join([PENALTIES, "987654", *lines[at].split("\t")[2:]])
    path.write_text("\n".join(lines), "utf-8")
    assert run("sign", "one", "--by", "Li") == 0


def test_add_prints_the_folder_and_says_that_it_is_a_draft(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run("add", "Report 2023.html") == 0
    out, err = capsys.readouterr()
    assert Path(out.strip()) == Path("fixtures/ogi_annual_2021/report_2023")
    assert "draft" in err
    assert run("verify") == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["https://www.example.gov.cn/a.html"], "needs a contact"),
        (["http://127.0.0.1/a.html", "--contact", "me@example.org"], "outside the public internet"),
        (["https://www.example.gov.cn/a.html", "--url", "http://b.cn/"], "--url goes with a file"),
        (["ftp://example.gov.cn/a", "--contact", "me@example.org"], "http"),
        (["file:///etc/passwd", "--contact", "me@example.org"], "http"),
    ],
)
def test_addresses_that_are_not_fetched(
    here: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    said: str,
) -> None:
    monkeypatch.delenv("GOVREPORT_CONTACT", raising=False)
    assert run("add", *arguments) in (1, 2)
    assert said in capsys.readouterr().err
    assert not (here / "fixtures").exists()


def test_a_document_is_fetched_by_its_address(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with serve() as site:
        address = site.url + site.reports[0]["path"]
        assert run("add", address, "--allow-private") == 0
        assert run("add", f"{site.url}/nothing.html", "--allow-private") == 1
    out, err = capsys.readouterr()
    folder = here / "fixtures" / "ogi_annual_2021" / "t1"
    assert Path(out.strip()) == folder.relative_to(here)
    assert "404" in err
    meta = json.loads((folder / "meta.json").read_text("utf-8"))
    assert (meta["url"], meta["sha256"]) == (address, site.reports[0]["sha256"])
    assert meta["draft"] is True


def test_a_fixture_is_named_by_its_path_too(here: Path) -> None:
    full = added()
    for name in (
        full,
        f"fixtures/{full}/",
        f"./fixtures/{full}",
        f"fixtures\\{full}".replace("/", "\\"),
    ):
        assert run("verify", name) == 0, name
    for name in (f"../fixtures/{full}", f"fixtures/../{full}", f"/{full}", "fixtures", ""):
        assert run("verify", name) == 2, name


def test_a_missing_file_and_a_folder_are_usage_errors(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("add", "nowhere.html") == 2
    assert "nowhere.html" in capsys.readouterr().err
    assert run("add", ".", "--name", "x") == 2


def test_a_name_without_latin_letters_must_be_given(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "年报.html").write_bytes((here / "Report 2023.html").read_bytes())
    assert run("add", "年报.html") == 2
    assert "--name" in capsys.readouterr().err
    assert run("add", "年报.html", "--name", "nianbao") == 0


def test_verify_lists_every_difference_and_exits_1(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    added()
    capsys.readouterr()
    assert run("verify") == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert "1 fixtures as expected, 0 not" in err
    mistype(here)
    capsys.readouterr()
    assert run("verify", "one") == 1
    out, err = capsys.readouterr()
    assert PENALTIES in out
    assert "expected  987654 reported" in out
    assert "source    行政处罚 | " in out
    assert "0 fixtures as expected, 1 not" in err


def test_verify_without_fixtures_is_no_success(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("verify") == 2
    (here / "fixtures").mkdir()
    assert run("verify") == 2
    assert "no fixtures" in capsys.readouterr().err


def test_verify_names_a_folder_out_of_order_and_goes_on(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    added("one")
    added("two")
    (here / "fixtures" / "ogi_annual_2021" / "one" / "outline.txt").unlink()
    capsys.readouterr()
    assert run("verify") == 1
    err = capsys.readouterr().err
    assert "ogi_annual_2021/one: outline.txt is missing" in err
    assert "1 fixtures as expected, 1 not" in err


def test_show_lays_source_figures_and_sums_side_by_side(
    capsys: pytest.CaptureFixture[str],
) -> None:
    added()
    capsys.readouterr()
    assert run("show", "one") == 0
    out = capsys.readouterr().out
    assert "checked by Li" in out
    assert "source  行政处罚 | " in out
    assert "行政处罚 / 本年处理决定数量" in out
    assert "sums of the expected figures: 42 of 42 hold" in out
    assert "the parser reads everything as expected" in out


def test_show_marks_what_is_read_otherwise_and_the_sums_that_break(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    added()
    path = here / "fixtures" / "ogi_annual_2021" / "one" / "expected.tsv"
    lines = path.read_text("utf-8").split("\n")
    received = "requests/requests_received/total"
    at = next(i for i, line in enumerate(lines) if line.startswith(received))
    cells = lines[at].split("\t")
    cells[1] = str(int(cells[1]) + 1)
    lines[at] = "\t".join(cells)
    path.write_text("\n".join(lines), "utf-8")
    run("sign", "one", "--by", "Li")
    capsys.readouterr()
    assert run("show", "one") == 0
    out = capsys.readouterr().out
    # The total is in its row's sum and in the balance of its column, in no other identity.
    assert "sums of the expected figures: 40 of 42 hold" in out
    assert "t3_balance total" in out
    assert "t3_row_total requests_received" in out
    assert f"<-- read otherwise: {int(cells[1]) - 1} reported" in out


def test_update_prints_the_diff_sorted_by_kind_and_returns_to_draft(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    added()
    mistype(here)
    capsys.readouterr()
    assert run("update", "one") == 2  # no reason
    assert run("update", "one", "--reason", "look", "--dry-run") == 0
    assert "nothing was written" in capsys.readouterr().err
    assert run("update", "one", "--reason", "mistyped") == 0
    out, err = capsys.readouterr()
    assert out.startswith("value changed: 1\n")
    assert "a draft again" in err
    assert run("verify") == 1
    assert run("sign", "one", "--by", "Li") == 0
    assert run("verify") == 0


def test_update_is_refused_in_ci(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    added()
    mistype(here)
    monkeypatch.setenv("CI", "true")
    assert run("update", "one", "--reason", "x") == 2
    assert run("score", "--accept") == 2
    assert "CI" in capsys.readouterr().err


def test_stale_is_silent_when_all_is_in_order_and_exits_1_otherwise(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    added()
    capsys.readouterr()
    assert run("stale") == 0
    assert capsys.readouterr().out == ""
    (here / "fixtures" / "left.html").write_text("x", "utf-8")
    assert run("stale") == 1
    assert "left.html" in capsys.readouterr().out


def test_list_shows_each_fixture_and_filters_by_tag(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("add", "Report 2023.html", "--name", "one", "--tag", "html", "--tag", "new") == 0
    added("two")
    capsys.readouterr()
    assert run("list") == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("  ")[0] for line in lines] == [
        "ogi_annual_2021/one",
        "ogi_annual_2021/two",
    ]
    assert "draft" in lines[0]
    assert run("list", "--tag", "new") == 0
    assert capsys.readouterr().out.count("\n") == 1


def test_score_rises_on_request_and_falls_only_with_a_reason(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    added()
    assert run("score") == 1  # no board yet
    assert run("score", "--allow-drop", "x") == 2
    assert run("score", "--accept") == 0
    capsys.readouterr()
    assert run("score") == 0
    assert capsys.readouterr().out.split() == [
        "ogi_annual_2021",
        "html",
        "200/200",
        "(100.00%)",
    ]
    mistype(here)
    assert run("score") == 1
    assert run("score", "--accept") == 2
    assert run("score", "--accept", "--allow-drop", "mistyped on purpose") == 0
    assert run("score") == 0

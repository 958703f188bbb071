"""The ratchet: rising is written on request, falling needs a reason, absence is a failure."""

from __future__ import annotations

import json
import random
import shutil
from pathlib import Path

import pytest

from govreport_parse.errors import DatasetError, UsageError
from govreport_parse.source import Source
from govreport_parse.testing import fixture_score as ratchet
from govreport_parse.testing import random_record, render_text
from govreport_parse.testing.fixture_files import json_text
from govreport_parse.testing.fixtures import add_fixture, sign_fixture, verify_fixtures


@pytest.fixture(autouse=True)
def no_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Two fixtures of 200 and 198 figures and a broken document, and their board."""
    for name, form in (("new", "ogi_annual_2021"), ("old", "ogi_annual_2019")):
        record = random_record(random.Random(1), form, "small")
        add_fixture(tmp_path, Source(render_text(record, "B").text.encode(), "r.txt"), name)
        sign_fixture(tmp_path, name, "Li")
    add_fixture(tmp_path, Source(b"", "empty.txt"), "empty")
    sign_fixture(tmp_path, "empty", "Li")
    ratchet.accept(tmp_path, now(tmp_path))
    return tmp_path


def now(root: Path) -> ratchet.Scoreboard:
    return ratchet.score_of([v.comparison for v in verify_fixtures(root) if v.comparison])


def miscount(root: Path, name: str, figures: int) -> None:
    """Expect 1 more in so many figures of a fixture."""
    (folder,) = root.glob(f"*/{name}")
    path = folder / "expected.tsv"
    lines = path.read_text("utf-8").split("\n")
    for i in range(1, figures + 1):
        cells = lines[i].split("\t")
        cells[1] = str(int(cells[1] or 0) + 1)
        lines[i] = "\t".join(cells)
    path.write_text("\n".join(lines), "utf-8")
    sign_fixture(root, name, "Li")


def test_the_board_counts_exact_figures_per_form_and_format(root: Path) -> None:
    board = json.loads((root / "scoreboard.json").read_text("utf-8"))
    assert board["groups"] == {
        "broken": {"empty": [1, 1]},
        "ogi_annual_2019": {"text": [198, 198]},
        "ogi_annual_2021": {"text": [200, 200]},
    }
    assert set(board["fixtures"]) == {
        "broken/empty",
        "ogi_annual_2019/old",
        "ogi_annual_2021/new",
    }
    assert board["drops"] == []


def test_nothing_falls_while_nothing_changes(root: Path) -> None:
    assert ratchet.falls(ratchet.read_board(root), now(root)) == []
    assert ratchet.changes(ratchet.read_board(root), now(root)) == []


def test_a_wrong_figure_is_a_fall(root: Path) -> None:
    miscount(root, "new", 3)
    fallen = ratchet.falls(ratchet.read_board(root), now(root))
    assert any(f.startswith("ogi_annual_2021/new: exact figures fall from 200/200") for f in fallen)
    assert any(f.startswith("ogi_annual_2021 as text: 200/200") for f in fallen)


def test_an_absent_fixture_is_a_fall_though_all_others_are_exact(root: Path) -> None:
    shutil.rmtree(root / "ogi_annual_2019" / "old")
    fallen = ratchet.falls(ratchet.read_board(root), now(root))
    assert "ogi_annual_2019/old: the fixture is absent" in fallen


def test_a_draft_does_not_count_so_it_is_absent(root: Path) -> None:
    path = root / "ogi_annual_2019" / "old" / "meta.json"
    path.write_text(json_text({**json.loads(path.read_text("utf-8")), "draft": True}), "utf-8")
    fallen = ratchet.falls(ratchet.read_board(root), now(root))
    assert "ogi_annual_2019/old: the fixture is absent" in fallen


def test_a_wrong_statement_about_the_document_is_a_fall(root: Path) -> None:
    path = root / "ogi_annual_2019" / "old" / "expected.json"
    facts = json.loads(path.read_text("utf-8"))
    facts["reports"][0]["organ"] = "别的机关"
    path.write_text(json_text(facts), "utf-8")
    sign_fixture(root, "old", "Li")
    fallen = ratchet.falls(ratchet.read_board(root), now(root))
    assert fallen == [
        "ogi_annual_2019/old: exact statements fall from 15/15 (100.00%) to 14/15 (93.33%)"
    ]


def test_a_fall_is_not_accepted_without_a_reason_and_the_reason_stays(root: Path) -> None:
    before = (root / "scoreboard.json").read_bytes()
    miscount(root, "new", 1)
    for reason in (None, "", "  "):
        with pytest.raises(UsageError, match="falls"):
            ratchet.accept(root, now(root), reason)
    assert (root / "scoreboard.json").read_bytes() == before
    ratchet.accept(root, now(root), "the page was misread by hand")
    board = ratchet.read_board(root)
    assert board.drops[0]["reason"] == "the page was misread by hand"
    assert board.groups["ogi_annual_2021"]["text"] == ratchet.Score(199, 200)
    ratchet.accept(root, now(root))
    assert len(ratchet.read_board(root).drops) == 1


def test_a_rise_needs_no_reason_and_a_needless_reason_is_refused(root: Path) -> None:
    miscount(root, "new", 1)
    ratchet.accept(root, now(root), "to rise again")
    (root / "ogi_annual_2021" / "new" / "expected.tsv").write_text(
        (root / "ogi_annual_2021" / "new" / "expected.tsv")
        .read_text("utf-8")
        .replace("rules/issued\t1", "rules/issued\t0"),
        "utf-8",
    )
    sign_fixture(root, "new", "Li")
    assert any("rise" in c for c in ratchet.changes(ratchet.read_board(root), now(root)))
    with pytest.raises(UsageError, match="nothing falls"):
        ratchet.accept(root, now(root), "no need")
    assert ratchet.accept(root, now(root)) == []
    assert ratchet.read_board(root).groups["ogi_annual_2021"]["text"].exact == 200


def test_the_digest_of_the_corpus_changes_with_any_expectation(root: Path) -> None:
    before = now(root).corpus
    miscount(root, "old", 1)
    assert now(root).corpus != before


def test_a_missing_board_is_an_error_that_names_the_mend(root: Path) -> None:
    (root / "scoreboard.json").unlink()
    with pytest.raises(DatasetError, match=r"no scoreboard\.json") as caught:
        ratchet.read_board(root)
    assert "score --accept" in caught.value.hint


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"schema": 1, "fixtures": 2}'])
def test_a_malformed_board_is_an_error(root: Path, text: str) -> None:
    (root / "scoreboard.json").write_text(text, "utf-8")
    with pytest.raises(DatasetError, match="malformed"):
        ratchet.read_board(root)

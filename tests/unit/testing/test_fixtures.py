"""Recording, verifying, signing and updating fixtures; what is refused and what it says."""

from __future__ import annotations

import errno
import json
import os
import random
import shutil
from pathlib import Path

import pytest

from govreport_parse.errors import DatasetError, UsageError
from govreport_parse.source import Source
from govreport_parse.testing import random_record, render_html, render_text
from govreport_parse.testing.diff import compare, describe, text_digest
from govreport_parse.testing.fixture_files import SIZE_LIMIT, fixture_folder, json_text
from govreport_parse.testing.fixture_privacy import (
    find_personal_data,
    is_bank_card,
    is_identity_number,
)
from govreport_parse.testing.fixtures import (
    add_fixture,
    load_fixture,
    sign_fixture,
    stale_fixtures,
    update_fixture,
    verify_fixtures,
)

PENALTIES = "proactive_disclosure/penalties/decisions"


@pytest.fixture(autouse=True)
def no_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)


@pytest.fixture
def page() -> Source:
    record = random_record(random.Random(5), size="county")
    return Source(render_html(record).text.encode(), "report.html")


@pytest.fixture
def root(tmp_path: Path, page: Source) -> Path:
    """A folder with one signed fixture, ogi_annual_2021/one."""
    folder = tmp_path / "fixtures"
    add_fixture(folder, page, "one", tags=["html"])
    sign_fixture(folder, "one", "Li", "beside the page")
    return folder


def one(root: Path) -> Path:
    return root / "ogi_annual_2021" / "one"


def edit_meta(folder: Path, **changes: object) -> None:
    path = folder / "meta.json"
    path.write_text(json_text({**json.loads(path.read_text("utf-8")), **changes}), "utf-8")


def falsified(root: Path, path: str, value: str) -> Path:
    """The fixture with another expected value, signed again (as a person who mistypes would)."""
    table = one(root) / "expected.tsv"
    lines = table.read_text("utf-8").split("\n")
    at = next(i for i, line in enumerate(lines) if line.startswith(path + "\t"))
    cells = lines[at].split("\t")
    cells[1] = value
    lines[at] = "\t".join(cells)
    table.write_text("\n".join(lines), "utf-8")
    sign_fixture(root, "one", "Li", "retyped")
    return one(root)


# -- add and sign ------------------------------------------------------------------------------


def test_add_stores_the_exact_bytes_and_a_draft(tmp_path: Path, page: Source) -> None:
    folder = add_fixture(tmp_path, page, "new", tags=["a"])
    assert (folder / "source.html").read_bytes() == page.data
    assert sorted(p.name for p in folder.iterdir()) == [
        "expected.json",
        "expected.tsv",
        "meta.json",
        "outline.txt",
        "source.html",
    ]
    fixture = load_fixture(folder)
    assert fixture.draft
    assert fixture.meta["sha256"] == page.sha256
    assert fixture.meta["tags"] == ["a"]
    assert len(fixture.reports[0].figures) == 200


def test_the_table_of_figures_has_one_line_a_figure_in_form_order(root: Path) -> None:
    lines = (one(root) / "expected.tsv").read_text("utf-8").split("\n")
    assert lines[0] == "path\tvalue\tstate\tlabel"
    assert len(lines) == 202  # head, 200 figures, end of the last line
    assert lines[1].split("\t")[0] == "proactive_disclosure/rules/issued"
    assert lines[200].split("\t")[0] == "review_and_litigation/litigation_after_review/total"
    assert lines[7].split("\t")[3] == "行政许可 / 本年处理决定数量"


def test_a_draft_does_not_verify_until_somebody_signs_it(tmp_path: Path, page: Source) -> None:
    add_fixture(tmp_path, page, "new")
    (before,) = verify_fixtures(tmp_path)
    assert not before.ok
    signed = sign_fixture(tmp_path, "new", "Wang", "read beside the page")
    assert signed.meta["verified_by"] == [{"by": "Wang", "how": "read beside the page"}]
    (after,) = verify_fixtures(tmp_path)
    assert after.ok


def test_a_place_that_cannot_be_written_is_an_error_and_leaves_no_half_fixture(
    tmp_path: Path, page: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(DatasetError, match="cannot write to"):
        add_fixture(tmp_path / "file", page, "new")

    written = Path.write_bytes

    def full(path: Path, data: bytes) -> int:
        if path.name == "meta.json":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return written(path, data)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(DatasetError, match="No space left") as caught:
        add_fixture(tmp_path / "root", page, "new")
    assert caught.value.hint
    monkeypatch.undo()
    assert not list((tmp_path / "root").rglob("source.*"))
    add_fixture(tmp_path / "root", page, "new")


def test_nothing_is_overwritten_by_add(root: Path, page: Source) -> None:
    before = (one(root) / "meta.json").read_bytes()
    with pytest.raises(UsageError, match="already"):
        add_fixture(root, page, "one")
    assert (one(root) / "meta.json").read_bytes() == before


def test_a_document_that_is_no_report_becomes_a_fixture_of_its_error(tmp_path: Path) -> None:
    folder = add_fixture(tmp_path, Source("一段与报告无关的文字。".encode(), "news.txt"), "news")
    assert folder == tmp_path / "broken" / "news"
    assert sorted(p.name for p in folder.iterdir()) == ["meta.json", "source.txt"]
    sign_fixture(tmp_path, "news", "Li")
    (result,) = verify_fixtures(tmp_path)
    assert result.ok
    edit_meta(folder, error={"type": "LimitExceededError", "message": "", "hint": ""})
    (result,) = verify_fixtures(tmp_path)
    assert not result.ok
    assert result.comparison is not None
    assert "LimitExceededError" in describe(result.comparison)


@pytest.mark.parametrize("name", ["", "../x", "A", "a/b", "名称", "a" * 81, ".x", "a b"])
def test_names_that_can_point_elsewhere_are_refused(
    tmp_path: Path, page: Source, name: str
) -> None:
    with pytest.raises(UsageError):
        add_fixture(tmp_path, page, name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["../one", "/etc/passwd", "a/b/c", "ogi_annual_2021/../one"])
def test_paths_outside_of_the_fixtures_are_refused(root: Path, name: str) -> None:
    with pytest.raises(UsageError, match="no name of a fixture"):
        fixture_folder(root, name)


def test_an_unknown_name_gets_the_nearest_one(root: Path) -> None:
    with pytest.raises(UsageError, match="did you mean ogi_annual_2021/one"):
        fixture_folder(root, "ones")


def test_a_document_over_the_limit_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=f"at most {SIZE_LIMIT}"):
        add_fixture(tmp_path, Source(b"x" * (SIZE_LIMIT + 1), "big.txt"), "big")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("by", ["", "   "])
def test_a_signature_needs_a_name(root: Path, by: str) -> None:
    with pytest.raises(UsageError, match="name"):
        sign_fixture(root, "one", by)


# -- personal data -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        # 11010519491231002X is the example of GB 11643: 7*1+9*1+10*0+... = remainder 2, X.
        ("身份证11010519491231002X号", "identity number"),
        ("身份证：１１０１０５１９４９１２３１００２Ｘ", "identity number"),
        ("电话13912345678。", "mobile number"),
        ("电话 139 1234 5678", "mobile number"),
        # Luhn: 4 1 1 ... 1, doubled 8 2 2 2 2 2 2 2 = 22, others 8: 30.
        ("卡号4111111111111111", "bank card"),
        ("卡号 4111 1111 1111 1111", "bank card"),
        ("请联系 zhang.san@example.com", "e-mail address"),
    ],
)
def test_personal_data_are_found_and_masked(text: str, kind: str) -> None:
    (hit,) = find_personal_data("第一行\n" + text)
    assert (hit.kind, hit.line) == (kind, 2)
    assert len(hit.masked) == 6


@pytest.mark.parametrize(
    "text",
    [
        "110105194912310021",  # wrong check digit
        "110105194913310024",  # no month 13
        "11341722003283914N/202401-00012",  # a credit code and an index number
        "0566-0000000",
        "4111111111111112",  # Luhn's sum is 31
        "12912345678",  # no mobile prefix 12
        "1391234567800",  # more digits than a mobile number has
        "000000000000000000",
        "2024013013912345678",  # digits run on
        "@ 见附件",
    ],
)
def test_numbers_of_other_kinds_are_no_personal_data(text: str) -> None:
    assert find_personal_data(text) == []


def test_check_digits_are_checked() -> None:
    assert is_identity_number("11010519491231002X")
    assert not is_identity_number("110105194912310020")
    assert is_bank_card("6222021234567890128") is (_luhn("6222021234567890128") == 0)


def _luhn(digits: str) -> int:
    """Luhn's sum mod 10 by pairs, written another way than the code's."""
    total = 0
    for i, d in enumerate(digits[::-1]):
        total += sum(map(int, str(int(d) * 2))) if i % 2 else int(d)
    return total % 10


def test_add_refuses_personal_data_unless_told(tmp_path: Path) -> None:
    record = random_record(random.Random(6), size="small")
    text = render_text(record, "B").text + "\n联系人电话13912345678"
    source = Source(text.encode(), "report.txt")
    with pytest.raises(UsageError, match=r"mobile number 139…78") as caught:
        add_fixture(tmp_path, source, "private")
    assert "--allow-pii" in caught.value.hint
    assert list(tmp_path.iterdir()) == []
    assert add_fixture(tmp_path, source, "private", allow_pii=True).is_dir()


# -- folders out of order ----------------------------------------------------------------------


def problems(folder: Path) -> str:
    with pytest.raises(DatasetError) as caught:
        load_fixture(folder)
    assert caught.value.hint
    assert f"{folder.parent.name}/{folder.name}" in caught.value.message
    return caught.value.message


@pytest.mark.parametrize("name", ["meta.json", "expected.tsv", "expected.json", "outline.txt"])
def test_a_missing_file_is_an_error_never_written_anew(root: Path, name: str) -> None:
    (one(root) / name).unlink()
    assert f"{name} is missing" in problems(one(root))
    (result,) = verify_fixtures(root)
    assert not result.ok
    assert not (one(root) / name).exists()


def test_a_missing_source_is_an_error(root: Path) -> None:
    (one(root) / "source.html").unlink()
    assert "needs one source.*" in problems(one(root))


def test_a_second_source_is_an_error(root: Path) -> None:
    shutil.copy(one(root) / "source.html", one(root) / "source.txt")
    assert "source.html, source.txt" in problems(one(root))


@pytest.mark.parametrize("name", ["notes.txt", "expected.3.tsv", "expected.tsv~", ".DS_Store"])
def test_an_extra_file_is_an_error(root: Path, name: str) -> None:
    (one(root) / name).write_text("x", "utf-8")
    assert f"{name} does not belong here" in problems(one(root))


def test_an_altered_source_is_an_error(root: Path) -> None:
    path = one(root) / "source.html"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert "is not the document that was recorded" in problems(one(root))


def test_an_expectation_altered_after_signing_is_an_error(root: Path) -> None:
    path = one(root) / "expected.tsv"
    path.write_bytes(path.read_bytes().replace(b"\t0\treported", b"\t1\treported", 1))
    assert "altered after it was signed" in problems(one(root))


def test_signing_again_accepts_an_altered_expectation(root: Path) -> None:
    folder = falsified(root, PENALTIES, "77")
    assert load_fixture(folder).reports[0].figures[7].value == 77


def test_a_symbolic_link_is_an_error(root: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.tsv"
    shutil.move(one(root) / "expected.tsv", outside)
    (one(root) / "expected.tsv").symlink_to(outside)
    assert "expected.tsv is a symbolic link" in problems(one(root))


def test_a_linked_folder_is_an_error(root: Path, tmp_path: Path) -> None:
    shutil.move(one(root), tmp_path / "elsewhere")
    one(root).symlink_to(tmp_path / "elsewhere")
    assert "the folder is a symbolic link" in problems(one(root))


def test_a_source_over_the_limit_is_an_error(root: Path) -> None:
    (one(root) / "source.html").write_bytes(b" " * (SIZE_LIMIT + 1))
    assert f"more than {SIZE_LIMIT}" in problems(one(root))


def test_a_wrong_sha256_in_the_meta_data_is_an_error(root: Path) -> None:
    edit_meta(one(root), sha256="0" * 64)
    assert "meta.json says 000000000000" in problems(one(root))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"draft": "no"}, "'draft'"),
        ({"verified_by": []}, "names nobody"),
        ({"verified_by": [{"by": ""}]}, "names nobody"),
        ({"known_gaps": [{"path": "a/b/c"}]}, "'path' and 'why'"),
        ({"known_gaps": {}}, "'known_gaps' of meta.json is no list"),
        ({"surprise": 1}, "unknown key 'surprise'"),
        ({"schema": "other/1"}, "not of schema"),
    ],
)
def test_malformed_meta_data_are_an_error(
    root: Path, changes: dict[str, object], said: str
) -> None:
    edit_meta(one(root), **changes)
    assert said in problems(one(root))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("path\tvalue", "Path\tvalue", "must begin with the line"),
        ("\t0\treported", "\t\treported", "needs a value"),
        ("\t0\treported", "\t0\tblank", "has no value"),
        ("\t0\treported", "\t０\treported", "is no number"),
        ("\t0\treported", "\t1e3\treported", "is no number"),
        ("\t0\treported", "\t0\tknown", "is no state"),
        ("\t0\treported\t", "\t0\treported ", "3 cells instead of 4"),
        ("proactive_disclosure/rules/repealed", "proactive_disclosure/rules/issued", "twice"),
        ("proactive_disclosure/rules/repealed", "../rules/repealed", "is no path"),
    ],
)
def test_a_malformed_table_is_an_error_with_its_line(
    root: Path, old: str, new: str, said: str
) -> None:
    path = one(root) / "expected.tsv"
    path.write_text(path.read_text("utf-8").replace(old, new, 1), "utf-8")
    edit_meta(one(root), draft=True)
    assert said in problems(one(root))


@pytest.mark.parametrize("data", [b"{", b"[" * 100_000, b"\xff\xfe{}", b"[]", b'{"reports": 3}'])
def test_malformed_json_is_an_error(root: Path, data: bytes) -> None:
    (one(root) / "expected.json").write_bytes(data)
    edit_meta(one(root), draft=True)
    problems(one(root))
    (one(root) / "meta.json").write_bytes(data)
    problems(one(root))


# -- verify ------------------------------------------------------------------------------------


def test_verify_shows_expected_found_raw_cell_and_source_line_of_every_figure(root: Path) -> None:
    record = random_record(random.Random(5), size="county")
    received = "requests/requests_received/natural_person"
    falsified(root, PENALTIES, "987654")
    falsified(root, received, "4321")
    (result,) = verify_fixtures(root)
    assert not result.ok
    assert result.comparison is not None
    assert [d.key for d in result.comparison.figures] == [PENALTIES, received]
    text = describe(result.comparison)
    true = record.cells[PENALTIES].text
    assert "2 figures are not as expected" in text
    assert "expected  987654 reported" in text
    assert f"found     {true} reported" in text
    assert f"raw cell  {true!r}  at table 1, row 10, column 2" in text
    assert f"source    行政处罚 | {true}" in text
    assert "行政处罚 / 本年处理决定数量" in text
    assert "一、本年新收政府信息公开申请数量 / 自然人" in text


def test_verify_changes_no_file(root: Path) -> None:
    falsified(root, PENALTIES, "987654")
    before = {p: p.read_bytes() for p in root.rglob("*") if p.is_file()}
    list(verify_fixtures(root))
    assert {p: p.read_bytes() for p in root.rglob("*") if p.is_file()} == before


def test_a_known_gap_is_no_failure_and_is_not_exact(root: Path) -> None:
    falsified(root, PENALTIES, "987654")
    edit_meta(one(root), known_gaps=[{"path": PENALTIES, "why": "not yet"}])
    (result,) = verify_fixtures(root)
    assert result.ok
    assert result.comparison is not None
    assert (result.comparison.exact, result.comparison.total) == (199, 200)


def test_a_known_gap_that_is_none_any_more_is_named(root: Path) -> None:
    edit_meta(one(root), known_gaps=[{"path": PENALTIES, "why": "not yet"}])
    (result,) = verify_fixtures(root)
    assert result.comparison is not None
    assert result.comparison.healed == (PENALTIES,)
    assert PENALTIES in describe(result.comparison)


def test_a_changed_label_is_told_apart_from_a_changed_number(root: Path) -> None:
    path = one(root) / "expected.tsv"
    path.write_text(path.read_text("utf-8").replace("行政处罚 /", "处罚 /", 1), "utf-8")
    sign_fixture(root, "one", "Li")
    comparison = compare(load_fixture(one(root)))
    assert [(d.key, d.kind) for d in comparison.figures] == [(PENALTIES, "label only")]
    assert comparison.exact == 200


def test_the_digest_of_a_text_does_not_see_white_space() -> None:
    assert text_digest("公开 信息\n三条") == text_digest("公开信息三条")
    assert text_digest("公开信息三条") != text_digest("公开信息二条")
    assert text_digest("公开信息三条").startswith("6:")


# -- update ------------------------------------------------------------------------------------


def test_update_takes_the_reading_and_makes_a_draft_of_changed_values(root: Path) -> None:
    folder = falsified(root, PENALTIES, "987654")
    source = (folder / "source.html").read_bytes()
    done = update_fixture(root, "one", "mistyped")
    assert [d.key for d in done.figures["value changed"]] == [PENALTIES]
    fixture = load_fixture(folder)
    assert fixture.draft
    assert fixture.meta["unsigned_figures"] == [PENALTIES]
    assert fixture.meta["updates"][-1]["reason"] == "mistyped"
    assert (folder / "source.html").read_bytes() == source
    assert compare(fixture).figures == ()
    sign_fixture(root, "one", "Li")
    assert "unsigned_figures" not in load_fixture(folder).meta


def test_update_of_a_label_leaves_the_signature(root: Path) -> None:
    path = one(root) / "expected.tsv"
    path.write_text(path.read_text("utf-8").replace("行政处罚 /", "处罚 /", 1), "utf-8")
    sign_fixture(root, "one", "Li")
    done = update_fixture(root, "one", "label of the form corrected")
    assert len(done.figures["label only"]) == 1
    assert not load_fixture(one(root)).draft


def test_update_keeps_the_truth_where_a_gap_is_stated(root: Path) -> None:
    folder = falsified(root, PENALTIES, "987654")
    edit_meta(folder, known_gaps=[{"path": PENALTIES, "why": "the parser is wrong here"}])
    path = folder / "expected.tsv"
    path.write_text(path.read_text("utf-8").replace("行政许可 /", "许可 /", 1), "utf-8")
    sign_fixture(root, "one", "Li")
    update_fixture(root, "one", "label")
    fixture = load_fixture(folder)
    assert {f.path: f.value for f in fixture.reports[0].figures}[PENALTIES] == 987654
    assert list(fixture.gaps) == [PENALTIES]


def test_update_writes_nothing_when_nothing_differs(root: Path) -> None:
    before = {p: p.read_bytes() for p in one(root).iterdir()}
    assert not update_fixture(root, "one", "no cause").written
    assert {p: p.read_bytes() for p in one(root).iterdir()} == before


def test_dry_run_writes_nothing(root: Path) -> None:
    folder = falsified(root, PENALTIES, "987654")
    before = {p: p.read_bytes() for p in folder.iterdir()}
    done = update_fixture(root, "one", "look", write=False)
    assert not done.written
    assert len(done.figures["value changed"]) == 1
    assert {p: p.read_bytes() for p in folder.iterdir()} == before


@pytest.mark.parametrize("reason", ["", "  "])
def test_update_needs_a_reason(root: Path, reason: str) -> None:
    with pytest.raises(UsageError, match="reason"):
        update_fixture(root, "one", reason)


@pytest.mark.parametrize("value", ["true", "1", "yes"])
def test_nothing_is_updated_or_signed_in_ci(
    root: Path, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    folder = falsified(root, PENALTIES, "987654")
    before = {p: p.read_bytes() for p in folder.iterdir()}
    monkeypatch.setenv("CI", value)
    with pytest.raises(UsageError, match="CI"):
        update_fixture(root, "one", "because")
    with pytest.raises(UsageError, match="CI"):
        sign_fixture(root, "one", "Li")
    assert {p: p.read_bytes() for p in folder.iterdir()} == before


def test_update_refuses_a_folder_out_of_order(root: Path) -> None:
    (one(root) / "outline.txt").unlink()
    with pytest.raises(DatasetError, match=r"outline\.txt is missing"):
        update_fixture(root, "one", "because")


# -- stale -------------------------------------------------------------------------------------


def test_stale_names_drafts_old_checks_orphans_and_broken_folders(root: Path, page: Source) -> None:
    assert stale_fixtures(root) == []
    add_fixture(root, page, "two")
    add_fixture(root, page, "three")
    sign_fixture(root, "three", "Li")
    edit_meta(one(root), parser="0.0.1")
    (root / "ogi_annual_2021" / "three" / "outline.txt").unlink()
    (root / "ogi_annual_2021" / "lost.html").write_text("x", "utf-8")
    (root / "notes.txt").write_text("x", "utf-8")
    found = {(s.kind, s.name) for s in stale_fixtures(root)}
    assert found == {
        ("draft", "ogi_annual_2021/two"),
        ("old parser", "ogi_annual_2021/one"),
        ("broken folder", "ogi_annual_2021/three"),
        ("orphan", "ogi_annual_2021/lost.html"),
        ("orphan", "notes.txt"),
    }


def test_several_reports_of_one_document_have_a_table_each(tmp_path: Path) -> None:
    records = [random_record(random.Random(n), size="small") for n in (1, 2)]
    text = "\n".join(render_text(r, "B", trailer=False).text for r in records)
    folder = add_fixture(tmp_path, Source(text.encode(), "two.txt"), "two")
    assert (folder / "expected.2.tsv").is_file()
    fixture = load_fixture(folder)
    for record, expected in zip(records, fixture.reports, strict=True):
        assert {f.path: f.value for f in expected.figures} == record.values()
    (folder / "expected.2.tsv").unlink()
    assert "names 2 reports, there are 1" in problems(folder)

"""``../shared/CONTRACT.md``, command line: every verb and flag that it names is there."""

from __future__ import annotations

import json
from pathlib import Path

import paper
import pytest
from click.testing import CliRunner, Result

from govreport_parse.cli.main import cli

FLAGS = {
    "parse": "--format -o --shape --organ --year --url --jobs --strict",
    "explain": "",
    "show": "--stage",
    "check": "",
    "review": "-o",
    "fetch": "--out",
    "discover": "--format",
    "harvest": "--out --contact --delay --allow-private --jobs",
    "import": "--out",
    "mine": "--out",
    "build": "",
    "status": "",
    "verify": "",
    "export": "--to -o",
    "codebook": "",
    "schema": "",
    "forms": "",
    "demo": "",
    "fixture": "",
    "fixture add": "",
    "fixture verify": "",
    "fixture show": "",
    "fixture update": "--reason",
    "fixture stale": "",
}
CHOICES = {
    ("parse", "--format"): {"card", "json", "jsonl", "csv", "parquet"},
    ("parse", "--shape"): {"long", "wide"},
    ("show", "--stage"): {"text", "blocks", "match"},
    ("discover", "--format"): {"table", "jsonl"},
    ("export", "--to"): {"csv", "excel", "stata", "json", "datapackage"},
}


def run(*args: object, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(cli, [str(a) for a in args], input=stdin)


@pytest.mark.parametrize("verb", FLAGS)
def test_every_verb_has_its_flags(verb: str) -> None:
    result = run(*verb.split(), "--help")
    assert result.exit_code == 0
    words = set(result.stdout.replace(",", " ").split())
    assert set(FLAGS[verb].split()) <= words


@pytest.mark.parametrize(("verb", "flag"), CHOICES)
def test_every_flag_takes_its_words(verb: str, flag: str) -> None:
    text = run(verb, "--help").stdout
    _, _, after = text.partition(f"{flag} [")
    assert CHOICES[verb, flag] <= set(
        after.partition("]")[0].replace("\n", "").replace(" ", "").split("|")
    )


def test_data_go_to_stdout_and_messages_to_stderr(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(paper.text(), "utf-8")
    (tmp_path / "b.html").write_text("<p>x</p>", "utf-8")
    (tmp_path / "c.docx").write_bytes(paper.docx())
    result = run("parse", tmp_path, "--format", "jsonl")
    made = [json.loads(line) for line in result.stdout.splitlines()]
    assert [m["source"]["name"] for m in made] == ["a.txt", "b.html", "c.docx"]
    assert [m.get("organ") for m in made] == [paper.ORGAN, None, paper.ORGAN]
    assert result.exit_code == 1
    assert "b.html" in result.stderr
    assert paper.ORGAN not in result.stderr


@pytest.mark.parametrize("form", paper.FORMATS)
@pytest.mark.parametrize("verb", ["parse", "check", "show", "explain"])
def test_a_dash_reads_standard_input(verb: str, form: str) -> None:
    more = {"explain": ["requests/granted/total"]}.get(verb, [])
    data = paper.FORMATS[form]()
    if verb == "show" and form == "zip":
        assert run(verb, "-", stdin=data).exit_code == 1
        return
    result = run(verb, "-", *more, stdin=data)
    assert (result.exit_code, result.exception) == (0, None)
    assert result.stdout


def test_strict_is_3_where_a_hard_identity_is_broken_and_1_where_a_document_failed() -> None:
    broken = paper.html({"requests/granted/total": "1"}).encode()
    assert run("parse", "-", "--strict", stdin=paper.html().encode()).exit_code == 0
    assert run("parse", "-", stdin=broken).exit_code == 0
    assert run("parse", "-", "--strict", stdin=broken).exit_code == 3
    assert run("parse", "-", "nosuch.html", "--strict", stdin=broken).exit_code == 1


def test_import_status_verify_export_go_together(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.html").write_text(paper.html(), "utf-8")
    (tmp_path / "in" / "b.xlsx").write_bytes(paper.xlsx({"requests/granted/business": ""}))
    out = tmp_path / "out"
    assert run("import", tmp_path / "in", "--out", out).exit_code == 0
    assert run("status", out).exit_code == 0
    assert run("verify", out).exit_code == 0
    for to, name in (("csv", "c"), ("json", "j.jsonl"), ("excel", "e.xlsx"), ("datapackage", "p")):
        assert run("export", out, "--to", to, "-o", tmp_path / name).exit_code == 0
        assert (tmp_path / name).exists()
    assert run("build", out).exit_code == 0
    assert run("review", out, "-o", tmp_path / "index.html").exit_code == 0
    lines = [json.loads(x) for x in (tmp_path / "j.jsonl").read_text("utf-8").splitlines()]
    blank = [
        f["value"]
        for line in lines
        for f in line["figures"]
        if (f["row"], f["column"]) == ("granted", "business")
    ]
    assert sorted(map(str, blank)) == sorted(
        ["None", str(paper.truth()["requests/granted/business"])]
    )

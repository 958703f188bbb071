"""The pages in a real browser: three runs of headless Chromium, none of them waits."""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
from pathlib import Path

import pytest
from handmade import RQ, town
from selectolax.lexbor import LexborHTMLParser

from govreport_parse.bundled import sample_sources
from govreport_parse.dataset import load, write_dataset
from govreport_parse.documents.model import Document, Paragraph, Table
from govreport_parse.formbook import form
from govreport_parse.parsing import parse, read_document
from govreport_parse.review import dataset_page, read_verdicts, report_page
from govreport_parse.values import State

from .pages import hostile

CHROMIUM = next(
    (
        found
        for name in ("chromium", "chromium-browser", "google-chrome", "chrome")
        if (found := shutil.which(name))
    ),
    None,
)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")


def dom(page: str, folder: Path, fragment: str = "") -> LexborHTMLParser:
    """The page's elements after its scripts have run."""
    path = folder / "page.html"
    path.write_text(page, encoding="utf-8")
    assert CHROMIUM is not None
    done = subprocess.run(
        [
            CHROMIUM,
            *("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"),
            *("--no-first-run", "--disable-extensions", "--disable-background-networking"),
            f"--user-data-dir={folder / 'profile'}",
            *("--virtual-time-budget=3000", "--timeout=240000", "--dump-dom"),
            path.as_uri() + fragment,
        ],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return LexborHTMLParser(done.stdout)


def test_the_address_of_a_figure_opens_its_cell_under_the_policy(tmp_path: Path) -> None:
    source = sample_sources()[0]
    made = parse(source)
    document = read_document(source)
    document.blocks += [Paragraph(text) for text in hostile()]
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        beacon = f"http://127.0.0.1:{server.getsockname()[1]}/"
        document.blocks += [
            Paragraph(f"<img src={beacon}><script src={beacon}></script>"),
            Paragraph(f"<link rel=stylesheet href={beacon}><style>@import '{beacon}'</style>"),
        ]
        page = report_page(made, source, document)
        tree = dom(page, tmp_path, f"#{RQ}/granted/total")
        with pytest.raises(BlockingIOError):
            server.accept()
    # the script adds classes and the list of one figure's checks, nothing else
    before = LexborHTMLParser(page)
    for tag in ("script", "img", "iframe", "svg", "a", "td", "span", "p", "form", "b", "h1"):
        assert len(tree.css(tag)) == len(before.css(tag)), tag
    figure = made[f"{RQ}/granted/total"]
    (cell,) = tree.css("#source .here")
    assert figure.locator is not None
    place = figure.locator
    assert cell.text() == figure.raw
    assert cell.attributes["data-key"] == f"t{place.table}r{place.row}c{place.column}"
    (own,) = tree.css("#form td.here")
    assert own.attributes["data-figure"] == str(made.layout.index[figure.path])
    assert tree.css_first("#path").text() == figure.path
    assert tree.css_first("#value").text() == str(figure.value)
    assert "hidden" not in tree.css_first("#something").attributes


LOST = [p for p in form("ogi_annual_2021").layout.paths if "/refused_" in p][:30]
CLICKS = """
window.saved = null;
URL.createObjectURL = (blob) => { window.saved = blob; return "blob:x"; };
URL.revokeObjectURL = () => {};
HTMLAnchorElement.prototype.click = function () { document.body.dataset.file = this.download; };
const $ = (q) => document.querySelector(q);
const type = (id, text) => { document.getElementById(id).value = text; };
const seen = [];
const here = () => [...document.querySelectorAll("#source .here")].map((e) => e.textContent);
const note = () => seen.push([$("#path").textContent, ...here()]);
const press = (k) =>
  $("#form").dispatchEvent(new KeyboardEvent("keydown", { key: k, bubbles: true }));
$('#form td[data-figure="FIRST"]').click(); note();
document.querySelector('#source [data-key="KEY"]').click(); note();
press("n"); note();
press("n"); note();
press("p"); note();
press("ArrowRight"); note();
press("ArrowLeft");
$('#wrong').click(); seen.push(["message", $("#message").textContent]);
type("correct", "2,5"); $('#wrong').click(); seen.push(["message", $("#message").textContent]);
type("correct", "2"); $('#wrong').click(); seen.push(["message", $("#message").textContent]);
type("author", "=王,\\"五\\""); type("note", "@看错\\n一"); $('#wrong').click();
$('#form td[data-figure="FIRST"]').click(); press("r");
$('[data-filter="s-dash"]').click();
document.body.dataset.bright = [...document.querySelectorAll("#form td:not(.dim)")].length;
press("n"); note();
$('[data-filter=""]').click();
press("s");
document.body.dataset.seen = JSON.stringify(seen);
window.saved.text().then((t) => { document.body.dataset.csv = JSON.stringify(t); });
"""


def test_clicks_keys_verdicts_and_their_file(tmp_path: Path) -> None:
    made = town(changes={f"{RQ}/granted/natural_person": 7})
    table = Table(2)
    for i, raw in enumerate(made.columns.raws):
        table.add(raw or "", i // 8, i % 8)
        made.columns.where[i] = (table, i)
    index = made.layout.index
    first = index[f"{RQ}/requests_received/natural_person"]
    other = index[f"{RQ}/outcomes_total/business"]
    wrong = index[f"{RQ}/granted/natural_person"]
    page = report_page(made, None, Document([table], "html"))
    # The page's policy would refuse a second script, so this one test takes it away.
    page, taken = re.subn(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page)
    assert taken == 1
    clicks = CLICKS.replace("FIRST", str(first)).replace(
        "KEY", f"t2r{other // 8 + 1}c{other % 8 + 1}"
    )
    page = page.replace("</body>", f"<script>{{{clicks}}}</script></body>")
    tree = dom(page, tmp_path)
    body = tree.css_first("body").attributes
    seen = json.loads(body["data-seen"] or "null")
    granted = f"{RQ}/granted/natural_person"
    assert seen[:3] == [
        [f"{RQ}/requests_received/natural_person", "2"],
        [f"{RQ}/outcomes_total/business", "1"],
        [granted, "7"],  # the first problem is the suggestion
    ]
    assert seen[3][0] == f"{RQ}/outcomes_total/natural_person"  # then the sums that break
    assert seen[4] == [granted, "7"]
    assert seen[5] == [f"{RQ}/granted/business", "0"]
    assert "value" in seen[6][1]
    assert "number" in seen[7][1]
    assert "who" in seen[8][1]
    assert body["data-bright"] == str(sum(s is State.DASH for s in made.columns.states))
    assert seen[9][0] == "proactive_disclosure/rules/issued"
    assert body["data-file"] == f"corrections-{made.report_id}.csv"
    judged = {n.attributes["data-figure"]: n.attributes["class"] for n in tree.css("#form td")}
    assert "right" in (judged[str(first)] or "").split()
    assert "wrong" in (judged[str(wrong)] or "").split()
    csv = json.loads(body["data-csv"] or '""')
    assert '"\'=王,""五"""' in csv
    right, bad = sorted(read_verdicts(csv.encode()), key=lambda v: v.verdict)
    assert (bad.path, bad.value, bad.note, bad.author) == (granted, 2, "@看错一", '=王,"五"')
    assert (right.path, right.value, right.report_id) == (
        f"{RQ}/requests_received/natural_person",
        None,
        made.report_id,
    )


def test_the_index_of_a_dataset_opens_a_field(tmp_path: Path) -> None:
    made = [
        town(
            name=f"{i}.html",
            organ='县"><b>x</b>' if i == 0 else f"县{i}",
            year=2019 + i // 8,
            division_code=f"34172{1 + i % 4}",
            # figures that differ, or the reports would be copies of each other
            changes={"proactive_disclosure/licensing/decisions": i}
            | (dict.fromkeys(LOST, State.ABSENT) if i == 0 else {}),
        )
        for i in range(40)
    ]
    write_dataset(made, tmp_path / "d")
    tree = dom(dataset_page(load(tmp_path / "d")), tmp_path, "#341721/2019")
    (field,) = tree.css("#map td.here")
    # two reports of 2019 with 200 figures each; one of them lacks 30: 370 of 400
    assert field.text().split()[0] == "92"
    assert "×2" in field.text()
    cards = [n.text() for n in tree.css("#reports li")]
    assert len(cards) == 2
    assert any('县"><b>x</b>' in c and "缺失 lost 30" in c for c in cards)
    assert not tree.css("#reports b")
    links = {n.attributes["href"] for n in tree.css("#reports a")}
    assert links == {"https://town.example/0.html", "https://town.example/4.html"}
    heads = [n.text() for n in tree.css("#map th")]
    assert heads[2:] == ["2019", "2020", "2021", "2022", "2023"]
    assert tree.css("#overview td")

"""Whoever kills the coordinators of a sharded run, the shards joined are the serial dataset."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import govreport_parse as gov
from govreport_parse.cluster import merge_datasets
from govreport_parse.dataset import load, verify_dataset
from govreport_parse.harvesting.importing import archive_documents
from govreport_parse.mining import mine
from govreport_parse.source import Source
from govreport_parse.testing import random_record, render_html

COUNT = 100
SHARES = 2

PROGRAM = """
# Runs one share again and again; each run kills itself at the next moment of the list, which is
# ("batch", n), when it has told of its n-th batch, or ("commit", n), before the n-th writing step
# once all batches are there. The last run is left alone. Tells how each run ended.
import json, os, signal, sys, traceback
from govreport_parse.cluster import Shard
from govreport_parse.cluster import run as cluster_run
from govreport_parse.harvesting.scaled import build_scaled
from govreport_parse.mining.scaled import mine_scaled

kind, root, share, moments = sys.argv[1], sys.argv[2], sys.argv[3], json.loads(sys.argv[4])

class Steps:
    # Counts down to the death; no clock has a part in it.
    def __init__(self, where, left):
        self.where, self.left = where, left
        self.committing = False

    def step(self):
        self.left -= 1
        if self.left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def batch(self, _):
        if self.where == "batch":
            self.step()

    def event(self, name, arguments):
        if self.where != "commit" or not self.committing:
            return
        writes = name == "open" and isinstance(arguments[2], int) and arguments[2] & os.O_ACCMODE
        if writes or name in ("os.rename", "os.remove", "os.rmdir", "os.mkdir"):
            self.step()

def work(steps):
    real = cluster_run._Run.parts
    def parts(*arguments):
        yield from real(*arguments)
        steps.committing = True
    cluster_run._Run.parts = parts
    sys.addaudithook(steps.event)
    given = {"jobs": 2, "shard": share, "progress": steps.batch}
    if kind == "build":
        build_scaled(root, batch=3, **given)
    else:
        out = Shard.of(share).folder(root) / "dataset"
        mine_scaled([os.path.join(root, "corpus.jsonl")], out, part=60_000, **given)

def run(where, count):
    pid = os.fork()
    if not pid:
        code = 1
        try:
            work(Steps(where, count))
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    _, status = os.waitpid(pid, 0)
    return "killed" if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)

print(json.dumps([run(*moment) for moment in [*moments, ("nowhere", 0)]]))
"""


def tree(folder: Path) -> dict[str, bytes]:
    return {
        p.relative_to(folder).as_posix(): p.read_bytes()
        for p in sorted(folder.rglob("*"))
        if p.is_file() and p.name != ".lock"
    }


def documents() -> list[Source]:
    """Pages of their own, two of the same bytes, and one that is no report."""
    rng = random.Random(8)
    pages = [
        render_html(random_record(rng, "ogi_annual_2021", "county"), "clean").text
        for _ in range(10)
    ]
    texts = [pages[n % 10] + f"<!-- {n} -->" for n in range(COUNT)]
    texts[-1] = texts[0]
    made = [
        Source(text.encode(), f"{n}.html", f"https://h{n}.gov.cn/2024.html")
        for n, text in enumerate(texts)
    ]
    return [*made, Source("<p>春季运动会</p>".encode(), "news.html", "https://a.gov.cn/n.html")]


def killed_at(kind: str, root: Path, kills: int, seed: int) -> list[Any]:
    """All shares with deaths at random moments; how the runs ended."""
    rng = random.Random(seed)
    ended = []
    for share in range(1, SHARES + 1):
        # half of them die in the midst of the work, the others at its end: while it is committed
        moments = [
            ("batch", rng.randint(1, 3)) if n % 2 else ("commit", rng.randint(1, 40))
            for n in range(kills // SHARES)
        ]
        rng.shuffle(moments)
        done = subprocess.run(
            [
                *(sys.executable, "-c", PROGRAM, kind, str(root)),
                *(f"{share}/{SHARES}", json.dumps(moments)),
            ],
            check=True,
            capture_output=True,
            text=True,
            timeout=300,
        )
        runs = json.loads(done.stdout)
        assert runs[-1] == 0, done.stderr
        assert set(runs) <= {"killed", 0}, done.stderr
        ended += runs
    return ended


def same_as(folder: Path, expected: dict[str, bytes], count: int) -> None:
    assert tree(folder) == expected
    assert verify_dataset(folder) == []
    assert len(load(folder)) == count


@pytest.mark.parametrize("kills", [4, pytest.param(20, marks=pytest.mark.long)])
def test_a_sharded_build_whose_coordinators_are_killed(tmp_path: Path, kills: int) -> None:
    root = tmp_path / "h"
    assert len(list(archive_documents(documents(), root))) == COUNT + 1
    gov.build(root)
    expected = tree(root / "dataset")
    shutil.rmtree(root / "dataset")
    ended = killed_at("build", root, kills, 1)
    assert len(ended) == kills + SHARES
    assert ended.count("killed") >= kills / 2
    merge_datasets(sorted(root.glob("shard-*")), tmp_path / "joined")
    same_as(tmp_path / "joined", expected, COUNT - 1)


@pytest.mark.parametrize("kills", [2, pytest.param(20, marks=pytest.mark.long)])
def test_a_sharded_mine_whose_coordinators_are_killed(tmp_path: Path, kills: int) -> None:
    rows = [{"text": s.data.decode(), "url": s.url} for s in documents()]
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    (tmp_path / "corpus.jsonl").write_text("\n".join(lines), "utf-8")
    mine([tmp_path / "corpus.jsonl"], tmp_path / "serial")
    ended = killed_at("mine", tmp_path, kills, 2)
    assert ended.count("killed") >= kills / 2
    merge_datasets(sorted(tmp_path.glob("shard-*")), tmp_path / "joined")
    same_as(tmp_path / "joined", tree(tmp_path / "serial"), COUNT - 1)

"""Wheel and sdist are built offline, hold what they must and nothing else, and work alone."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import os
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from email import message_from_bytes
from email.message import Message
from pathlib import Path

import pytest

import govreport_parse as gov

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "src" / "govreport_parse"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
DISABLED = dict.fromkeys(("http_proxy", "https_proxy", "all_proxy"), "http://127.0.0.1:9")
"""A proxy that nobody answers: whatever asks the network fails."""


def run(*command: str | Path, cwd: Path, **env: str) -> str:
    result = subprocess.run(
        [sys.executable, *map(str, command)],
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        env=os.environ | DISABLED | {"PYTHONDONTWRITEBYTECODE": "1"} | env,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def build(kind: str, project: Path, out: Path) -> Path:
    run("-m", "hatchling", "build", "-t", kind, "-d", out, cwd=project)
    (made,) = out.iterdir()
    return made


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("wheel", ROOT, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("sdist", ROOT, tmp_path_factory.mktemp("sdist"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel as pip puts it into an empty folder, without its dependencies."""
    out = tmp_path_factory.mktemp("installed")
    options = ("--no-index", "--no-deps", "--no-compile", "--no-cache-dir", "--quiet")
    run("-m", "pip", "--isolated", "install", *options, "--target", out, wheel, cwd=out)
    return out


def files(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as packed:
        return {n: packed.read(n) for n in packed.namelist() if not n.endswith("/")}


def metadata(wheel: Path) -> Message:
    held = files(wheel)
    (name,) = (n for n in held if n.endswith(".dist-info/METADATA"))
    return message_from_bytes(held[name])


def of_the_tree() -> set[str]:
    """Every file of the package in the working tree, caches aside."""
    inner = (p.relative_to(SOURCES) for p in SOURCES.rglob("*") if p.is_file())
    paths = [p for p in inner if not any(n[0] == "." or n == "__pycache__" for n in p.parts)]
    return {f"govreport_parse/{p.as_posix()}" for p in paths}


# -- what is in it -------------------------------------------------------------------------------


def test_the_wheel_holds_the_package_and_nothing_else(wheel: Path) -> None:
    held = set(files(wheel))
    about = f"govreport_parse-{gov.__version__}.dist-info/"
    assert {n for n in held if not n.startswith(about)} == of_the_tree()
    assert not any("tests/" in n or n.endswith((".pyc", ".orig", ".rej")) for n in held)
    assert {f"{about}licenses/{n}" for n in ("LICENSE", "NOTICE")} <= held


@pytest.mark.parametrize(
    "name",
    [
        "py.typed",
        "formbook/data/ogi_annual_2021.toml",
        "formbook/data/ogi_annual_2019.toml",
        "formbook/data/ogi_stats_2014.toml",
        "data/divisions.tsv",
        "data/samples/1-county-hanweb.html",
        "data/site/site.json",
        "data/site/robots.txt",
        "review/templates/report.html",
        "schema/govreport-1.json",
    ],
)
def test_the_wheel_holds_the_data(wheel: Path, name: str) -> None:
    assert files(wheel)[f"govreport_parse/{name}"] == (SOURCES / name).read_bytes()


def test_the_wheels_record_has_the_right_digests(wheel: Path) -> None:
    held = files(wheel)
    (name,) = (n for n in held if n.endswith("/RECORD"))
    rows = list(csv.reader(io.StringIO(held[name].decode())))
    assert {r[0] for r in rows} == set(held)
    for path, digest, size in rows:
        if path == name:
            continue
        found = base64.urlsafe_b64encode(hashlib.sha256(held[path]).digest()).rstrip(b"=")
        assert digest == f"sha256={found.decode()}"
        assert int(size) == len(held[path])


def test_the_metadata_say_what_the_project_says(wheel: Path) -> None:
    told = metadata(wheel)
    assert told["Name"] in ("govreport_parse", "govreport-parse")
    assert told["Version"] == gov.__version__
    assert told["Requires-Python"] == ">=3.11"
    assert told["License-Expression"] == "Apache-2.0"
    extras = {"office", "scan", "zh", "sql", "excel", "plot", "report", "dist", "parsl"}
    assert (
        set(told.get_all("Provides-Extra") or ()) == extras == set(PROJECT["optional-dependencies"])
    )
    needed = [r for r in told.get_all("Requires-Dist") or () if "extra ==" not in r]
    assert len(needed) == len(PROJECT["dependencies"])
    text = told.get_payload(decode=True)
    assert isinstance(text, bytes)
    assert text.decode().strip() == (ROOT / "README.md").read_text("utf-8").strip()


def test_every_place_names_the_same_version() -> None:
    version = gov.__version__
    assert PROJECT["version"] == version
    assert f"\nversion: {version}\n" in (ROOT / "CITATION.cff").read_text("utf-8")
    assert f"\n## {version} " in (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_every_extra_is_named_where_people_look() -> None:
    for page in ("README.md", "docs/first-steps.md"):
        text = (ROOT / page).read_text("utf-8")
        assert all(f"`{extra}`" in text for extra in PROJECT["optional-dependencies"]), page


def test_the_sdist_holds_what_a_maintainer_needs(sdist: Path) -> None:
    with tarfile.open(sdist) as packed:
        names = {n.partition("/")[2] for n in packed.getnames()}
    wanted = {
        *("pyproject.toml", "README.md", "README.zh-CN.md", "CHANGELOG.md", "CONTRIBUTING.md"),
        *("LICENSE", "NOTICE", "CITATION.cff", "Makefile", ".gitattributes", "PKG-INFO"),
        *("docs/conf.py", "docs/index.md", "notebooks/05_harvest.ipynb", "requirements/dev.txt"),
        *("tests/packaging/test_wheel.py", "fixtures/scoreboard.json", "scripts/fill_docs.py"),
    }
    assert wanted <= names
    assert {f"src/{n}" for n in of_the_tree()} <= names
    first = {n.partition("/")[0] for n in names}
    assert not first & {".venv", ".git", "dist", "demo-output", ".hypothesis", ".mypy_cache"}
    assert not any(n.startswith("docs/_build") or "__pycache__" in n for n in names)


def test_a_wheel_of_the_sdist_is_the_wheel_of_the_tree(
    sdist: Path, wheel: Path, tmp_path: Path
) -> None:
    with tarfile.open(sdist) as packed:
        packed.extractall(tmp_path / "project", filter="data")
    (project,) = (tmp_path / "project").iterdir()
    again = build("wheel", project, tmp_path / "wheel")
    assert files(again) == files(wheel)


def test_the_wheel_is_small(wheel: Path) -> None:
    assert wheel.stat().st_size < 3_000_000


# -- what it does --------------------------------------------------------------------------------


def test_the_package_is_imported_without_any_other_library(installed: Path) -> None:
    """No site-packages at all: importing needs the standard library only."""
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "import govreport_parse as gov\n"
        "print(gov.__file__, len(gov.__all__), gov.UsageError('x', hint='y'))\n"
    )
    said = run("-I", "-S", "-c", code, installed, cwd=installed)
    assert said.startswith(str(installed))
    assert said.endswith("x (y)\n")


def test_the_package_reads_its_samples_and_serves_its_site(installed: Path, tmp_path: Path) -> None:
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "import govreport_parse as gov\n"
        "from govreport_parse.bundled_site import serve\n"
        "assert gov.__file__.startswith(sys.argv[1]), gov.__file__\n"
        "print([r.completeness['reported'] for r in gov.samples()])\n"
        "print(len(gov.codebook()), [f.id for f in gov.forms()])\n"
        "with serve() as site: print(len(site.reports))\n"
    )
    said = run("-I", "-c", code, installed, cwd=tmp_path).splitlines()
    assert said[0] == str([r.completeness["reported"] for r in gov.samples()])
    assert said[1] == f"{len(gov.codebook())} {[f.id for f in gov.forms()]}"
    assert int(said[2]) >= 6


def test_the_program_is_installed_and_runs(installed: Path, tmp_path: Path) -> None:
    program = installed / "bin" / "govreport"
    assert program.is_file()
    told = run(program, "--version", cwd=tmp_path, PYTHONPATH=str(installed))
    assert told.split()[-1] == gov.__version__
    schema = run(program, "schema", cwd=tmp_path, PYTHONPATH=str(installed))
    assert '"govreport/1"' in schema
    assert not list(tmp_path.iterdir())


def test_an_extra_that_is_missing_is_named(installed: Path, tmp_path: Path) -> None:
    """In an environment without extras, asking for one says which."""
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "sys.modules['matplotlib'] = None\n"
        "import govreport_parse as gov\n"
        "try: gov.plots.trend(gov.samples(), 'rq_received_total')\n"
        "except gov.UsageError as error: print(error)\n"
    )
    assert "[plot]" in run("-I", "-c", code, installed, cwd=tmp_path)

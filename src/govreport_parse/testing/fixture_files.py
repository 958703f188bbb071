"""A fixture as a folder of files: what must lie in it, how it is read and written.

In: a folder ``fixtures/<form>/<name>/``. Out: a ``Fixture``. Refused, with ``DatasetError`` naming
the folder, every problem found and the mend: missing, extra or altered files, symbolic links,
files over the limit, a wrong sha256, malformed JSON or TSV. Nothing is repaired on reading.

==================  ===============================================================================
source.*            the exact bytes of the document
meta.json           ``sha256`` of the source; ``expected_sha256`` of the files below (so that an
                    edit after signing shows); url, content_type, format, encoding, organ, year,
                    tags, ``options`` (arguments for ``parse``), ``draft``, ``verified_by``,
                    ``known_gaps``, ``updates``, ``parser`` (version at the last check). In
                    ``broken/`` also ``error``: type, parts of message and hint, and under
                    ``or`` what is as right with an extra installed
expected.tsv        path, value, state, Chinese label; one line a figure in form order
expected.2.tsv …    the second, third … report of the same document
expected.json       ``reports``: per report its form, title, organ, year, headings, text digests,
                    units, raw texts that are no plain number, repairs, findings, broken checks
outline.txt         headings and table shapes, one line each
==================  ===============================================================================

A fixture in ``broken/`` has only ``source.*`` and ``meta.json``.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from govreport_parse import errors
from govreport_parse.errors import DatasetError, GovReportError, UsageError
from govreport_parse.source import Source
from govreport_parse.values import VALUED, Number, State

SCHEMA = "govreport-fixture/1"
SIZE_LIMIT = 1024 * 1024
"""Bytes of one file of a fixture. Larger documents belong outside of version control."""
BROKEN = "broken"
SITE = "site"
SCOREBOARD = "scoreboard.json"
TSV_HEAD = "path\tvalue\tstate\tlabel"

_NAME = re.compile(r"[a-z0-9][a-z0-9_]{0,79}")
_META_KEYS = frozenset(
    {"schema", "sha256", "url", "format", "encoding", "organ", "year", "tags", "draft"}
    | {"verified_by", "known_gaps", "parser"}
)
_META_MORE = frozenset(
    {"content_type", "options", "error", "expected_sha256", "unsigned_figures", "updates"}
)
FACTS: Mapping[str, type | tuple[type, ...]] = {
    "form": str,
    "forms": dict,
    "title": (str, type(None)),
    "organ": (str, type(None)),
    "year": (int, type(None)),
    "published": (str, type(None)),
    "headings": list,
    "texts": dict,
    "units": dict,
    "raws": dict,
    "extra_rows": list,
    "repairs": dict,
    "findings": list,
    "broken_checks": list,
}
"""What ``expected.json`` says of each report, and the JSON type of it."""


@dataclass(frozen=True, slots=True)
class ExpectedFigure:
    """One line of ``expected.tsv``."""

    path: str
    value: Number | None
    state: State
    label: str


@dataclass(frozen=True)
class ExpectedReport:
    """All that is expected of one report: its figures in form order, and the ``FACTS``."""

    figures: tuple[ExpectedFigure, ...]
    facts: Mapping[str, Any]


@dataclass(frozen=True)
class ExpectedError:
    """A document that no report can be made of. ``message`` and ``hint`` are parts of the real.

    ``others`` are as right: what happens where an optional extra is installed.
    """

    type: str
    message: str = ""
    hint: str = ""
    others: tuple[ExpectedError, ...] = ()


@dataclass(frozen=True)
class Fixture:
    """A complete fixture as read. ``name`` is ``<form>/<name>``."""

    name: str
    folder: Path
    source: Source
    meta: Mapping[str, Any]
    reports: tuple[ExpectedReport, ...]
    outline: str
    error: ExpectedError | None = None

    @property
    def form(self) -> str:
        """The form's id, ``mixed``, ``narrative`` or ``broken``: the name of the upper folder."""
        return self.name.split("/")[0]

    @property
    def draft(self) -> bool:
        """Whether a person still has to check and sign it. A draft does not count."""
        return bool(self.meta["draft"])

    @property
    def gaps(self) -> Mapping[str, str]:
        """Figure path (``#2/…`` for a second report) or ``facts/<key>`` to the reason."""
        return {gap["path"]: gap["why"] for gap in self.meta["known_gaps"]}


# -- finding ---------------------------------------------------------------------------------------


def fixture_folders(root: Path) -> dict[str, Path]:
    """Name to folder of every fixture below ``root``, sorted; sites left out.

    Raises ``UsageError`` when ``root`` is no folder.
    """
    if not root.is_dir():
        raise UsageError(
            f"no folder of fixtures at {root}", hint="name it, or make one: govreport fixture add"
        )
    return {
        f"{form.name}/{folder.name}": folder
        for form in sorted(root.iterdir())
        if form.is_dir() and form.name != SITE and not form.name.startswith(".")
        for folder in sorted(form.iterdir())
        if folder.is_dir() or folder.is_symlink()
    }


def fixture_folder(root: Path, name: str) -> Path:
    """The folder of one fixture by ``<form>/<name>``, by a name that is unique, or by its path.

    A path is what a shell completes, on Windows with backslashes. Raises ``UsageError`` for names
    that point outside of ``root`` and for unknown ones.
    """
    known = fixture_folders(root)
    parts = _below(root, name.replace("\\", "/").rstrip("/").split("/"))
    if any(not _NAME.fullmatch(p) for p in parts) or len(parts) not in (1, 2):
        raise UsageError(
            f"{name!r} is no name of a fixture",
            hint="form/name in small letters, digits and _, as govreport fixture list prints them",
        )
    found = [full for full in known if full == "/".join(parts) or full.split("/")[1] == parts[-1]]
    exact = [full for full in found if full == "/".join(parts)]
    if len(parts) == 2:
        found = exact
    if len(found) == 1:
        return known[found[0]]
    if found:
        raise UsageError(f"{name!r} is several fixtures: {', '.join(found)}", hint="add the form")
    raise UsageError(f"no fixture {name!r} in {root}", hint=_nearest(name, known))


def _below(root: Path, parts: list[str]) -> list[str]:
    """The parts of a name without those that lead to ``root``."""
    while parts[:1] == ["."]:
        parts = parts[1:]
    lead = str(root).replace("\\", "/").rstrip("/").split("/")
    return parts[len(lead) :] if parts[: len(lead)] == lead else parts


def _nearest(name: str, known: Iterable[str]) -> str:
    import difflib

    last = {full.split("/")[1]: full for full in known}
    near = difflib.get_close_matches(name.rpartition("/")[2], last, n=1, cutoff=0.4)
    return f"did you mean {last[near[0]]}?" if near else "see govreport fixture list"


def check_name(name: str) -> None:
    """Raise ``UsageError`` unless ``name`` can be the folder of a fixture."""
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{name!r} can't name a fixture",
            hint="small letters, digits and _, at most 80, for example qinghe_2023_blank_cells",
        )


# -- reading ---------------------------------------------------------------------------------------


def load_fixture(folder: Path) -> Fixture:
    """Read one fixture completely. Raises ``DatasetError`` with all problems of its files."""
    problems = _file_problems(folder)
    if problems:
        raise broken_folder(folder, problems)
    name = f"{folder.parent.name}/{folder.name}"
    meta = _read_meta(folder)
    source = _read_source(folder, meta)
    if folder.parent.name == BROKEN:
        return Fixture(name, folder, source, meta, (), "", _read_error(folder, meta))
    _check_expected_digest(folder, meta)
    facts = _read_json(folder / "expected.json")
    reports = facts.get("reports") if isinstance(facts, dict) else None
    if not isinstance(reports, list) or not reports:
        raise broken_folder(folder, ["expected.json has no list 'reports'"])
    tables = expected_tables(folder)
    if len(tables) != len(reports):
        raise broken_folder(
            folder,
            [f"expected.json names {len(reports)} reports, there are {len(tables)} expected*.tsv"],
        )
    expected = tuple(
        ExpectedReport(_read_tsv(path), _checked_facts(path, one))
        for path, one in zip(tables, reports, strict=True)
    )
    outline = (folder / "outline.txt").read_text("utf-8")
    return Fixture(name, folder, source, meta, expected, outline)


def expected_tables(folder: Path) -> list[Path]:
    """``expected.tsv``, ``expected.2.tsv`` … as far as they go without a gap."""
    out = [folder / "expected.tsv"]
    while (more := folder / f"expected.{len(out) + 1}.tsv").exists():
        out.append(more)
    return out


def broken_folder(folder: Path, problems: Sequence[str]) -> DatasetError:
    """The error of a fixture whose files are not in order."""
    return DatasetError(
        f"fixture {folder.parent.name}/{folder.name}: {'; '.join(problems)}",
        hint=f"mend the files of {folder}, or restore them from version control",
        context={"folder": str(folder), "problems": list(problems)},
    )


def _file_problems(folder: Path) -> list[str]:
    """What is wrong with the files before any of them is read."""
    if folder.is_symlink() or folder.parent.is_symlink():
        return ["the folder is a symbolic link; copy the files instead"]
    if not folder.is_dir():
        return ["there is no such folder"]
    if not _NAME.fullmatch(folder.name):
        return ["its name has other signs than small letters, digits and _; rename it"]
    problems = []
    names = set()
    for path in sorted(folder.iterdir()):
        if path.is_symlink():
            problems.append(f"{path.name} is a symbolic link; copy the file instead")
        elif not path.is_file():
            problems.append(f"{path.name} is no file; take it out")
        elif path.stat().st_size > SIZE_LIMIT:
            problems.append(
                f"{path.name} has {path.stat().st_size} bytes, more than {SIZE_LIMIT}; "
                "cut the document to the part that matters"
            )
        names.add(path.name)
    sources = {n for n in names if n.startswith("source.")}
    if len(sources) != 1:
        problems.append(f"needs one source.*, has {', '.join(sorted(sources)) or 'none'}")
    wanted = {"meta.json"}
    if folder.parent.name != BROKEN:
        wanted |= {"expected.tsv", "expected.json", "outline.txt"}
        wanted |= {p.name for p in expected_tables(folder)}
    problems += [f"{n} is missing; restore it" for n in sorted(wanted - names)]
    problems += [f"{n} does not belong here; remove it" for n in sorted(names - wanted - sources)]
    return problems


def _read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes().decode("utf-8"))
    except ValueError as error:
        raise broken_folder(path.parent, [f"{path.name} is no JSON in UTF-8: {error}"]) from error
    except RecursionError as error:
        raise broken_folder(path.parent, [f"{path.name} is nested too deep"]) from error


def _read_meta(folder: Path) -> dict[str, Any]:
    meta = _read_json(folder / "meta.json")
    if not isinstance(meta, dict) or meta.get("schema") != SCHEMA:
        raise broken_folder(folder, [f"meta.json is not of schema {SCHEMA}"])
    problems = [f"meta.json lacks {key!r}" for key in sorted(_META_KEYS - set(meta))]
    problems += [
        f"meta.json has an unknown key {key!r}"
        for key in sorted(set(meta) - _META_KEYS - _META_MORE)
    ]
    if not problems:
        problems = _meta_type_problems(meta)
    if problems:
        raise broken_folder(folder, problems)
    return meta


def _meta_type_problems(meta: Mapping[str, Any]) -> list[str]:
    lists = ("tags", "verified_by", "known_gaps")
    out = [f"{key!r} of meta.json is no list" for key in lists if not isinstance(meta[key], list)]
    if not isinstance(meta["draft"], bool):
        out.append("'draft' of meta.json is neither true nor false")
    if not isinstance(meta.get("options", {}), dict):
        out.append("'options' of meta.json is no object")
    if out:
        return out
    out += [
        "a known gap needs 'path' and 'why'"
        for gap in meta["known_gaps"]
        if not (isinstance(gap, dict) and gap.get("path") and gap.get("why"))
    ][:1]
    signed = all(isinstance(v, dict) and v.get("by") for v in meta["verified_by"])
    if not signed or (not meta["draft"] and not meta["verified_by"]):
        out.append("'verified_by' of meta.json names nobody; sign it: govreport fixture sign")
    return out


def _read_source(folder: Path, meta: Mapping[str, Any]) -> Source:
    path = next(p for p in folder.iterdir() if p.name.startswith("source."))
    source = Source(path.read_bytes(), path.name, meta["url"], meta.get("content_type"))
    if source.sha256 != meta["sha256"]:
        raise broken_folder(
            folder,
            [
                f"{path.name} is not the document that was recorded (sha256 {source.sha256[:12]}…, "
                f"meta.json says {str(meta['sha256'])[:12]}…); a changed document is a new fixture"
            ],
        )
    return source


def _read_error(folder: Path, meta: Mapping[str, Any]) -> ExpectedError:
    error = meta.get("error")
    others = error.get("or", []) if isinstance(error, dict) else ()
    if not isinstance(others, list):
        raise broken_folder(folder, ["'or' of the error in meta.json is no list"])
    first, *rest = (_error_of(folder, one) for one in (error, *others))
    return ExpectedError(first.type, first.message, first.hint, tuple(rest))


def _error_of(folder: Path, error: Any) -> ExpectedError:
    if not isinstance(error, dict) or not isinstance(error.get("type"), str):
        raise broken_folder(folder, ["meta.json names no error type"])
    kind = getattr(errors, error["type"], None)
    if not (isinstance(kind, type) and issubclass(kind, GovReportError)):
        raise broken_folder(folder, [f"meta.json: {error['type']!r} is no error of this library"])
    return ExpectedError(error["type"], error.get("message", ""), error.get("hint", ""))


def _check_expected_digest(folder: Path, meta: Mapping[str, Any]) -> None:
    if meta.get("expected_sha256") == expected_digest(folder):
        return
    if meta["draft"]:
        return
    raise broken_folder(
        folder,
        [
            "the expectation was altered after it was signed; check it beside the page and sign "
            f"it again: govreport fixture sign {folder.parent.name}/{folder.name} --by WHO"
        ],
    )


def expected_digest(folder: Path) -> str:
    """SHA-256 over names and bytes of the expectation's files."""
    digest = hashlib.sha256()
    for path in (*expected_tables(folder), folder / "expected.json", folder / "outline.txt"):
        if path.is_file():
            digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _checked_facts(path: Path, facts: Any) -> Mapping[str, Any]:
    if not isinstance(facts, dict):
        raise broken_folder(path.parent, ["expected.json: a report is no object"])
    problems = [f"expected.json lacks {key!r}" for key in FACTS if key not in facts]
    problems += [f"expected.json has an unknown key {key!r}" for key in facts if key not in FACTS]
    problems += [
        f"{key!r} of expected.json has the wrong type"
        for key, kind in FACTS.items()
        if key in facts and (not isinstance(facts[key], kind) or isinstance(facts[key], bool))
    ]
    if problems:
        raise broken_folder(path.parent, problems)
    return facts


# -- the table of figures --------------------------------------------------------------------------


def _read_tsv(path: Path) -> tuple[ExpectedFigure, ...]:
    try:
        lines = path.read_bytes().decode("utf-8").split("\n")
    except UnicodeDecodeError as error:
        raise broken_folder(path.parent, [f"{path.name} is not UTF-8"]) from error
    if lines[0] != TSV_HEAD or lines[-1] != "":
        raise broken_folder(
            path.parent,
            [f"{path.name} must begin with the line {TSV_HEAD!r} and end with a line break"],
        )
    out: list[ExpectedFigure] = []
    problems = []
    for number, line in enumerate(lines[1:-1], 2):
        try:
            out.append(_figure_of(line))
        except ValueError as error:
            problems.append(f"{path.name} line {number}: {error}")
    seen = [f.path for f in out]
    problems += [
        f"{path.name} has {p} twice" for p in sorted({p for p in seen if seen.count(p) > 1})
    ]
    if problems:
        raise broken_folder(path.parent, problems[:10])
    return tuple(out)


_NUMBER = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,12})?")
_PATH = re.compile(r"[a-z0-9_]+/[a-z0-9_]+/[a-z0-9_]+")


def _figure_of(line: str) -> ExpectedFigure:
    cells = line.split("\t")
    if len(cells) != 4:
        raise ValueError(f"{len(cells)} cells instead of 4")
    path, value, word, label = cells
    if not _PATH.fullmatch(path):
        raise ValueError(f"{path!r} is no path of a figure")
    if word not in State.__members__.values():
        raise ValueError(f"{word!r} is no state")
    state = State(word)
    if (state in VALUED) != bool(value):
        raise ValueError(f"the state {word} {'needs a' if state in VALUED else 'has no'} value")
    if value and not _NUMBER.fullmatch(value):
        raise ValueError(f"{value!r} is no number")
    number: Number | None = None
    if value:
        number = Decimal(value) if "." in value else int(value)
    return ExpectedFigure(path, number, state, label)


def number_text(value: Number | None) -> str:
    """A value as ``expected.tsv`` writes it: plain digits, empty for none."""
    return "" if value is None else format(value, "f") if isinstance(value, Decimal) else str(value)


def tsv_text(figures: Iterable[ExpectedFigure]) -> str:
    """``expected.tsv`` as text."""
    lines = [f"{f.path}\t{number_text(f.value)}\t{f.state}\t{f.label}" for f in figures]
    return "\n".join([TSV_HEAD, *lines, ""])


# -- writing ---------------------------------------------------------------------------------------


def write_fixture(
    folder: Path,
    source: Source,
    suffix: str,
    meta: Mapping[str, Any],
    reports: Sequence[ExpectedReport] = (),
    outline: str = "",
) -> None:
    """Write a new fixture. An existing folder is an error (``UsageError``), never overwritten."""
    check_name(folder.name)
    if folder.exists() or folder.is_symlink():
        raise UsageError(
            f"there is a fixture {folder.parent.name}/{folder.name} already",
            hint="take another name; an expectation is changed with govreport fixture update",
        )
    if len(source.data) > SIZE_LIMIT:
        raise UsageError(
            f"{source.name} has {len(source.data)} bytes, a fixture at most {SIZE_LIMIT}",
            hint="cut it to the part that matters and add that",
        )
    with writing(folder):
        folder.mkdir(parents=True)
    try:
        with writing(folder):
            (folder / f"source{suffix}").write_bytes(source.data)
        if reports:
            write_expectation(folder, reports, outline)
            meta = {**meta, "expected_sha256": expected_digest(folder)}
        write_meta(folder, meta)
    except DatasetError:
        shutil.rmtree(folder, ignore_errors=True)  # half of a fixture is none
        raise


@contextmanager
def writing(place: Path) -> Iterator[None]:
    """``DatasetError`` where the system does not let a file be written."""
    try:
        yield
    except OSError as error:
        raise DatasetError(
            f"cannot write to {str(place)!r}: {error.strerror or error}",
            hint="check that the folder may be written and the disk has room",
            context={"path": str(place), "errno": error.errno},
        ) from error


def write_expectation(folder: Path, reports: Sequence[ExpectedReport], outline: str) -> None:
    """Write ``expected*.tsv``, ``expected.json`` and ``outline.txt``; nothing else is touched."""
    facts = {"reports": [{key: r.facts[key] for key in FACTS} for r in reports]}
    with writing(folder):
        for number, report in enumerate(reports, 1):
            name = "expected.tsv" if number == 1 else f"expected.{number}.tsv"
            (folder / name).write_bytes(tsv_text(report.figures).encode())
        (folder / "expected.json").write_bytes(json_text(facts).encode())
        (folder / "outline.txt").write_bytes(outline.encode())


def write_meta(folder: Path, meta: Mapping[str, Any]) -> None:
    """Write ``meta.json``."""
    with writing(folder):
        (folder / "meta.json").write_bytes(json_text({"schema": SCHEMA, **meta}).encode())


def json_text(value: Any) -> str:
    """JSON for people: Chinese as it is, short lists and objects on one line."""
    return _layout(value, 0) + "\n"


def _layout(value: Any, depth: int) -> str:
    flat = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, (dict, list)) or len(flat) + 2 * depth <= 90:
        return flat
    pad = "  " * (depth + 1)
    if isinstance(value, dict):
        inside = [
            f"{json.dumps(k, ensure_ascii=False)}: {_layout(v, depth + 1)}"
            for k, v in value.items()
        ]
        left, right = "{", "}"
    else:
        inside = [_layout(v, depth + 1) for v in value]
        left, right = "[", "]"
    return f"{left}\n{pad}" + f",\n{pad}".join(inside) + f"\n{'  ' * depth}{right}"

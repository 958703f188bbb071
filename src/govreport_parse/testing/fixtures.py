"""Fixtures: record a document, sign it, verify it, update it, and see what went stale.

A fixture is a folder of a source and what must be read from it (``fixture_files`` has the
format). The functions here are those behind ``govreport fixture …``. No function changes a source
and its expectation together, none overwrites a fixture, and what a parser says becomes an
expectation only as a draft, which a person signs.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from govreport_parse import __version__
from govreport_parse.decode.charset import decode_text
from govreport_parse.decode.sniff import sniff
from govreport_parse.documents.model import Document, Table
from govreport_parse.errors import DatasetError, GovReportError, UsageError
from govreport_parse.source import Source
from govreport_parse.testing.diff import (
    Comparison,
    FigureDifference,
    by_kind,
    compare,
    expected_of,
    outline_of,
    read_reports,
)
from govreport_parse.testing.fixture_files import (
    BROKEN,
    SCOREBOARD,
    SITE,
    SIZE_LIMIT,
    ExpectedReport,
    Fixture,
    check_name,
    expected_digest,
    expected_tables,
    fixture_folder,
    fixture_folders,
    load_fixture,
    write_expectation,
    write_fixture,
    write_meta,
)
from govreport_parse.testing.fixture_privacy import PersonalDatum, find_personal_data

__all__ = [
    "Comparison",
    "Fixture",
    "Stale",
    "Update",
    "Verification",
    "add_fixture",
    "fixture_folder",
    "fixture_folders",
    "in_ci",
    "load_fixture",
    "personal_data_of",
    "sign_fixture",
    "stale_fixtures",
    "update_fixture",
    "verify_fixtures",
]


# -- verify ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Verification:
    """One fixture verified: a comparison, or the error of its folder."""

    name: str
    folder: Path
    comparison: Comparison | None
    error: GovReportError | None = None

    @property
    def ok(self) -> bool:
        """Whether the folder is in order, signed, and all is as expected, known gaps aside."""
        return self.comparison is not None and self.comparison.ok and not self.draft

    @property
    def draft(self) -> bool:
        """Whether the fixture is a draft."""
        return self.comparison is not None and self.comparison.fixture.draft


def verify_fixtures(root: Path, names: Sequence[str] = ()) -> Iterator[Verification]:
    """Verify the named fixtures, or all; reads only. Folders out of order come as errors."""
    known = fixture_folders(root)
    if names:
        wanted = [fixture_folder(root, name) for name in names]
        known = {f"{folder.parent.name}/{folder.name}": folder for folder in wanted}
    for name, folder in known.items():
        yield verify_folder(name, folder)


def verify_folder(name: str, folder: Path) -> Verification:
    """Verify one folder."""
    try:
        fixture = load_fixture(folder)
    except DatasetError as error:
        return Verification(name, folder, None, error)
    return Verification(name, folder, compare(fixture))


# -- add -------------------------------------------------------------------------------------------


def add_fixture(
    root: Path,
    source: Source,
    name: str,
    *,
    suffix: str | None = None,
    tags: Iterable[str] = (),
    allow_pii: bool = False,
    organ: str | None = None,
    year: int | None = None,
) -> Path:
    """Store a document's exact bytes and a draft of what is read from it. Returns the folder.

    The draft counts for nothing until a person has checked ``expected.tsv`` beside the page and
    signed it. Raises ``UsageError`` for personal data (unless ``allow_pii``), a document over the
    size limit, a bad name or one that exists.
    """
    check_name(name)
    if root.is_symlink():
        raise UsageError(f"{root} is a symbolic link", hint="name the folder itself")
    if len(source.data) > SIZE_LIMIT:
        raise UsageError(
            f"{source.name} has {len(source.data)} bytes, a fixture at most {SIZE_LIMIT}",
            hint="cut it to the part that matters and add that",
        )
    found = sniff(source.data, source.name, source.content_type)
    _refuse_personal_data(source, allow_pii)
    options = {k: v for k, v in (("organ", organ), ("year", year)) if v is not None}
    meta: dict[str, Any] = {
        "sha256": source.sha256,
        "url": source.url,
        "content_type": source.content_type,
        "format": found.kind,
        "encoding": None,
        "organ": organ,
        "year": year,
        "tags": list(tags),
        "options": options,
        "draft": True,
        "verified_by": [],
        "known_gaps": [],
        "parser": __version__,
    }
    suffix = suffix or _suffix(source.name, found.kind)
    # Under the name that it has in its folder, since errors name the file.
    source = replace(source, name=f"source{suffix}")
    try:
        document, reports = read_reports(source, options)
    except GovReportError as error:
        meta["error"] = {"type": type(error).__name__, "message": error.message, "hint": error.hint}
        folder = root / BROKEN / name
        write_fixture(folder, source, suffix, meta)
        return folder
    first = reports[0]
    meta |= {
        "format": document.format if document is not None else found.kind,
        "encoding": first.source.encoding,
        "organ": organ or first.organ,
        "year": year or first.year,
    }
    folder = root / first.form / name
    expected = [expected_of(r) for r in reports]
    write_fixture(folder, source, suffix, meta, expected, outline_of(document, reports))
    return folder


def _suffix(name: str, kind: str) -> str:
    suffix = Path(name).suffix.lower()
    if suffix and len(suffix) <= 8 and suffix[1:].isalnum() and suffix.isascii():
        return suffix
    return {"text": ".txt", "empty": ".bin", "binary": ".bin"}.get(kind, f".{kind}")


def _refuse_personal_data(source: Source, allowed: bool) -> None:
    hits = personal_data_of(source)
    if hits and not allowed:
        listed = "; ".join(f"line {h.line}: {h.kind} {h.masked}" for h in hits[:8])
        raise UsageError(
            f"{source.name} seems to hold personal data ({len(hits)}): {listed}",
            hint="take them out of the document first; if they are none: --allow-pii",
            context={"hits": len(hits)},
        )


def personal_data_of(source: Source) -> list[PersonalDatum]:
    """What looks like personal data in a document: in its characters, or in the text of its blocks.

    A document that can't be read has only its bytes to look at.
    """
    return find_personal_data(_whole_text(source))


def _whole_text(source: Source) -> str:
    found = sniff(source.data, source.name, source.content_type)
    try:
        if found.kind in ("html", "text"):
            return decode_text(source.data, content_type=source.content_type).text
        from govreport_parse.reading import read_document

        return document_text(read_document(source))
    except GovReportError:
        return source.data.decode("latin-1")


def document_text(document: Document) -> str:
    """All texts of a document, a line a block or cell."""
    return "\n".join(
        "\n".join(block.texts) if isinstance(block, Table) else block.text
        for block in document.blocks
    )


# -- sign ------------------------------------------------------------------------------------------


def sign_fixture(root: Path, name: str, by: str, how: str = "") -> Fixture:
    """A person vouches for the expectation as it lies there; the fixture counts from now on.

    Raises ``UsageError`` without a name and in CI, ``DatasetError`` when the files are not in
    order (an expectation altered since the last signature is what signing is for).
    """
    if not by.strip():
        raise UsageError("a signature needs a name", hint="--by WHO")
    if in_ci():
        raise UsageError("nothing is signed in CI", hint="sign where a person can look at the page")
    folder = fixture_folder(root, name)
    meta = _meta_for_signing(folder)
    meta["draft"] = False
    meta.pop("unsigned_figures", None)
    meta["parser"] = __version__
    meta["verified_by"] = [*meta["verified_by"], {"by": by.strip(), "how": how.strip()}]
    if folder.parent.name != BROKEN:
        meta["expected_sha256"] = expected_digest(folder)
    _write_checked(folder, meta)
    return load_fixture(folder)


def _meta_for_signing(folder: Path) -> dict[str, Any]:
    """The meta data, though the expectation may have been edited since."""
    import json

    try:
        return dict(load_fixture(folder).meta)
    except DatasetError as error:
        problems = error.context.get("problems", [])
        if len(problems) != 1 or "altered after it was signed" not in problems[0]:
            raise
    meta: dict[str, Any] = json.loads((folder / "meta.json").read_text("utf-8"))
    return meta


def _write_checked(folder: Path, meta: Mapping[str, Any]) -> None:
    """Write ``meta.json``, and put the old one back if the fixture then can't be read."""
    path = folder / "meta.json"
    old = path.read_bytes()
    write_meta(folder, {k: v for k, v in meta.items() if k != "schema"})
    try:
        load_fixture(folder)
    except DatasetError:
        path.write_bytes(old)
        raise


# -- update ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Update:
    """What an update would change or has changed in one fixture's expectation."""

    comparison: Comparison
    written: bool

    @property
    def figures(self) -> dict[str, list[FigureDifference]]:
        """The differing figures: value changed, state changed, label only."""
        return {str(kind): list(group) for kind, group in by_kind(self.comparison.figures).items()}


def update_fixture(root: Path, name: str, reason: str, *, write: bool = True) -> Update:
    """Take what the parser finds now as the expectation of one fixture; the source is not touched.

    Figures whose value changed turn the fixture back into a draft, which names them. Raises
    ``UsageError`` in CI and without a reason.
    """
    if in_ci():
        raise UsageError(
            "an expectation is never updated in CI", hint="update and look at the diff at your desk"
        )
    if not reason.strip():
        raise UsageError("an update needs a reason", hint="--reason TEXT")
    folder = fixture_folder(root, name)
    fixture = load_fixture(folder)
    comparison = compare(fixture)
    if not comparison.figures and not comparison.facts and not comparison.healed:
        return Update(comparison, False)
    if fixture.error is None and comparison.error is not None:
        raise UsageError(
            f"{fixture.name} gives no report any more: {comparison.error}",
            hint=f"mend the parser, or move the folder to {BROKEN}/ by hand",
        )
    if fixture.error is not None and comparison.error is None:
        raise UsageError(
            f"{fixture.name} gives a report now", hint="add the document as a fixture of its form"
        )
    if write:
        _write_update(folder, comparison, reason)
    return Update(comparison, write)


def _write_update(folder: Path, comparison: Comparison, reason: str) -> None:
    meta = {k: v for k, v in comparison.fixture.meta.items() if k != "schema"}
    new = [d for d in comparison.figures if d.gap is None]
    changed = [d.key for d in new if d.kind == "value changed"]
    kinds = {str(k): len(v) for k, v in by_kind(new).items() if v}
    record = {"reason": reason.strip(), "parser": __version__, "figures": kinds}
    meta["updates"] = [*meta.get("updates", []), record]
    meta["known_gaps"] = [g for g in meta["known_gaps"] if g["path"] not in comparison.healed]
    meta["parser"] = __version__
    if comparison.error is not None:
        e = comparison.error
        meta["error"] = {"type": type(e).__name__, "message": e.message, "hint": e.hint}
        meta["draft"] = True
    else:
        document, reports = read_reports(
            comparison.fixture.source, comparison.fixture.meta.get("options", {})
        )
        for old in expected_tables(folder)[len(reports) :]:
            old.unlink()
        fixture = comparison.fixture
        expected = [
            _keeping_gaps(fixture, number, expected_of(r)) for number, r in enumerate(reports, 1)
        ]
        write_expectation(folder, expected, outline_of(document, reports))
        meta["expected_sha256"] = expected_digest(folder)
    if changed:
        meta["draft"] = True
        meta["unsigned_figures"] = sorted({*meta.get("unsigned_figures", []), *changed})
    write_meta(folder, meta)


def _keeping_gaps(fixture: Fixture, number: int, found: ExpectedReport) -> ExpectedReport:
    """What was found, except where the fixture states that the parser is known to be wrong."""
    if number > len(fixture.reports):
        return found
    prefix = "" if number == 1 else f"#{number}/"
    old = fixture.reports[number - 1]
    truth = {f.path: f for f in old.figures if prefix + f.path in fixture.gaps}
    facts = {
        key: old.facts[key] if f"facts/{prefix}{key}" in fixture.gaps else value
        for key, value in found.facts.items()
    }
    return ExpectedReport(tuple(truth.get(f.path, f) for f in found.figures), facts)


def in_ci() -> bool:
    """Whether this runs in continuous integration (the variable ``CI`` is set)."""
    return os.environ.get("CI", "").lower() not in ("", "0", "false", "no")


# -- stale -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Stale:
    """Something that wants attention. ``kind``: draft, old parser, orphan, broken folder."""

    kind: str
    name: str
    text: str


def stale_fixtures(root: Path) -> list[Stale]:
    """Drafts, fixtures checked with another version, orphan files, folders out of order."""
    out = list(_orphans(root))
    for name, folder in fixture_folders(root).items():
        try:
            fixture = load_fixture(folder)
        except DatasetError as error:
            out.append(Stale("broken folder", name, error.message))
            continue
        if fixture.draft:
            rest = fixture.meta.get("unsigned_figures", [])
            which = (
                f"{len(rest)} figures changed: {', '.join(rest[:5])}" if rest else "never signed"
            )
            out.append(Stale("draft", name, f"{which}; govreport fixture sign {name} --by WHO"))
        if fixture.meta["parser"] != __version__:
            out.append(
                Stale(
                    "old parser",
                    name,
                    f"checked with version {fixture.meta['parser']}, this is {__version__}",
                )
            )
    return out


def _orphans(root: Path) -> Iterator[Stale]:
    fixture_folders(root)
    for path in sorted(root.iterdir()):
        if path.is_symlink():
            yield Stale("orphan", path.name, "a symbolic link among the fixtures; remove it")
        elif not path.is_dir():
            if path.name not in (SCOREBOARD, "README.md"):
                yield Stale("orphan", path.name, "belongs to no fixture; remove it")
        elif path.name != SITE:
            for inner in sorted(path.iterdir()):
                if not inner.is_dir() and not inner.is_symlink():
                    yield Stale("orphan", f"{path.name}/{inner.name}", "belongs to no fixture")

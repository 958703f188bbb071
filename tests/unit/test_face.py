"""Nonsense given to the public functions: an error of the library that says what to do instead.

Every function of ``govreport_parse.__all__`` that takes something is called with each value below;
what a function may well take is named beside it. Nothing else may come back, and no error of
Python, of the system or of another library.
"""

from __future__ import annotations

import ast
import inspect
import os
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import govreport_parse as gov
from govreport_parse import errors
from govreport_parse.dataset.read import Dataset
from govreport_parse.errors import GovReportError
from govreport_parse.report import Report

PACKAGE = Path(gov.__file__).parent
VALUES: dict[str, Callable[[Path], Any]] = {
    "None": lambda _: None,
    "NUL": lambda _: "\0",
    "number": lambda _: 7,
    "negative": lambda _: -1,
    "no text": lambda _: "",
    "no list": lambda _: [],
    "mapping": lambda _: {"a": 1},
    "set": lambda _: {1},
    "bytes": lambda _: b"\0",
    "object": lambda _: object(),
    "folder": lambda tmp: tmp,
    "missing": lambda tmp: tmp / "nowhere" / "x",
    "file": lambda tmp: tmp / "file.txt",
    "path with NUL": lambda _: Path("a\0b"),
    "path of no text": lambda _: Path("a\ud800b"),
    "long": lambda _: "x" * 5000,
}


@cache
def sample() -> Report:
    return gov.samples()[0]


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    folder = tmp_path_factory.mktemp("face") / "dataset"
    gov.write_dataset([sample()], folder)
    return gov.load(folder)


def mine(tmp: Path, **options: Any) -> Any:
    return gov.mine([tmp / "file.txt"], tmp / "new", **options)


def harvest(sources: Any, tmp: Path, contact: Any = "a@b.cn", **options: Any) -> Any:
    return gov.harvest(sources, tmp / "new", contact, **options)


CALLS: dict[str, tuple[Callable[[Any, Path], Any], str]] = {
    "parse": (lambda v, _: gov.parse(v), ""),
    "parse, organ": (lambda v, _: gov.parse("x", organ=v), ""),
    "parse, year": (lambda v, _: gov.parse("x", year=v), ""),
    "parse, url": (lambda v, _: gov.parse("x", url=v), ""),
    "parse, code": (lambda v, _: gov.parse("x", division_code=v), ""),
    "parse, mapping": (lambda v, _: gov.parse("x", mapping=v), ""),
    "parse, engine": (lambda v, _: gov.parse("x", engine=v), ""),
    "read_document": (lambda v, _: gov.read_document(v), "file,long"),
    "read_document, url": (lambda v, _: gov.read_document("x", url=v), "None,NUL,no text,long"),
    "read_document, engine": (lambda v, _: gov.read_document("x", engine=v), ""),
    "parse_many": (lambda v, _: len(list(gov.parse_many(v, jobs=1))), "no list,mapping,set"),
    "parse_many, jobs": (lambda v, _: list(gov.parse_many([], jobs=v)), "None,number"),
    "parse_many, executor": (
        lambda v, _: list(gov.parse_many([b"x"], executor=v, jobs=1)),
        "None",
    ),
    "load": (lambda v, _: gov.load(v), ""),
    "verify_dataset": (lambda v, _: gov.verify_dataset(v), ""),
    "read_mapping": (lambda v, _: gov.read_mapping(v), ""),
    "OrganMapping": (lambda v, _: gov.OrganMapping(v, v, v), "mapping"),
    "Source": (lambda v, _: gov.Source(v), "bytes"),
    "mask": (lambda v, _: gov.mask(v), "NUL,no text,long"),
    "mask, key": (lambda v, _: gov.mask("x", key=v), "None,bytes"),
    "mask, today": (lambda v, _: gov.mask("x", today=v), "None"),
    "to_frame": (lambda v, _: gov.to_frame(v), "no list,no text"),
    "to_frame, one": (lambda v, _: gov.to_frame([v]), ""),
    "check_panel": (lambda v, _: gov.check_panel(v), "no list,no text"),
    "check_panel, one": (lambda v, _: gov.check_panel([v]), ""),
    "check_panel, levels": (lambda v, _: gov.check_panel([sample()], v), "None,mapping"),
    "write_dataset": (lambda v, tmp: gov.write_dataset(v, tmp / "new"), "no list,no text"),
    "write_dataset, one": (lambda v, tmp: gov.write_dataset([v], tmp / "new"), ""),
    "write_dataset, folder": (lambda v, tmp: gov.write_dataset([], v), "missing"),
    "write_dataset, version": (
        lambda v, tmp: gov.write_dataset([], tmp / "new", parser_version=v),
        "None,NUL,no text,long",
    ),
    "write_dataset, retrieved": (
        lambda v, tmp: gov.write_dataset([sample()], tmp / "new", retrieved=v),
        "None,mapping",
    ),
    "write_dataset, settled": (
        lambda v, tmp: gov.write_dataset([], tmp / "new", settled=v),
        "no list,mapping,set",
    ),
    "mine": (lambda v, tmp: gov.mine(v, tmp / "new"), "no list,file,folder"),
    "mine, one": (lambda v, tmp: gov.mine([v], tmp / "new"), "file,folder"),
    "mine, folder": (lambda v, tmp: gov.mine([tmp / "file.txt"], v), "missing"),
    "mine, column": (lambda v, tmp: mine(tmp, column=v), "None,NUL,no text,long"),
    "mine, url_column": (lambda v, tmp: mine(tmp, url_column=v), "None,NUL,no text,long"),
    "mine, packed": (lambda v, tmp: mine(tmp, packed=v), ""),
    "mine, split": (lambda v, tmp: mine(tmp, split=v), ""),
    "mine, jobs": (lambda v, tmp: mine(tmp, jobs=v), "None,number"),
    "build": (lambda v, _: gov.build(v), ""),
    "build, option": (lambda v, tmp: gov.build(tmp, nonsense=v), ""),
    "harvest": (lambda v, tmp: harvest(v, tmp), ""),
    "harvest, one": (lambda v, tmp: harvest([v], tmp), ""),
    "harvest, folder": (lambda v, _: gov.harvest([], v, "a@b.cn"), ""),
    "harvest, contact": (lambda v, tmp: harvest([], tmp, v), ""),
    "harvest, option": (lambda v, tmp: harvest([], tmp, nonsense=v), ""),
}
OF_A_DATASET: dict[str, tuple[Callable[[Dataset, Any, Path], Any], str]] = {
    "export, format": (lambda d, v, tmp: d.export(v, tmp / "new"), ""),
    "export, place": (lambda d, v, _: d.export("csv", v), "folder,missing"),
    "export, file": (lambda d, v, _: d.export("json", v), "file"),
    "wide": (lambda d, v, _: d.wide(v), "None,no list,set"),
    "panel": (lambda d, v, _: d.panel(v), "None,no list"),
    "coverage": (lambda d, v, _: d.coverage(v), "None,no list,mapping"),
    "coverage, years": (lambda d, v, _: d.coverage(None, v), "None,no list,set"),
    "check_panel": (lambda d, v, _: d.check_panel(v), "None,mapping"),
    "sql": (lambda d, v, _: d.sql(v), ""),
    "table": (lambda d, v, _: d.table(v), ""),
}
WITHOUT = {"codebook", "forms", "sample_paths", "samples", "plots"}
"""They take nothing, or have tests of their own (plots)."""


def named(words: str) -> set[str]:
    names = {name.strip() for name in words.split(",") if name.strip()}
    assert names <= set(VALUES), words
    return names


def refused(call: Callable[[], Any], what: str) -> bool:
    """Whether the library refuses it as it should; other errors go through."""
    error = None
    try:
        call()
    except GovReportError as met:
        error = met
    assert error is None or (error.message and error.hint), f"{what}: {error!r}"
    return error is not None


@pytest.fixture
def tmp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "file.txt").write_text("x")
    monkeypatch.chdir(tmp_path)  # names such as 'xxx' are made here
    return tmp_path


@pytest.mark.parametrize("call", CALLS)
def test_nonsense_is_refused(call: str, tmp: Path) -> None:
    function, fine = CALLS[call]
    for name, make in VALUES.items():
        value, what = make(tmp), f"{call}({name})"
        no = refused(lambda value=value: function(value, tmp), what)
        assert no is (name not in named(fine)), what


@pytest.mark.parametrize("call", OF_A_DATASET)
def test_nonsense_is_refused_by_a_dataset(call: str, dataset: Dataset, tmp: Path) -> None:
    function, fine = OF_A_DATASET[call]
    for name, make in VALUES.items():
        value, what = make(tmp), f"{call}({name})"
        no = refused(lambda value=value: function(dataset, value, tmp), what)
        assert no is (name not in named(fine)), what


def test_no_public_function_is_left_out() -> None:
    functions = {n for n in gov.__all__ if inspect.isfunction(getattr(gov, n))}
    called = {call.partition(",")[0] for call in CALLS}
    assert functions - WITHOUT <= called


def test_a_file_that_may_not_be_read(tmp: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may read all files")
    locked = tmp / "file.txt"
    (tmp / "open.txt").write_text("x")
    locked.chmod(0)
    shut = tmp / "shut"
    shut.mkdir()
    shut.chmod(0)
    calls: tuple[Callable[[Path], Any], ...] = (
        gov.parse,
        gov.read_document,
        gov.load,
        gov.verify_dataset,
        gov.read_mapping,
        gov.build,
        lambda path: gov.write_dataset([], path),
        lambda path: gov.mine([tmp / "open.txt"], path),
        lambda path: gov.harvest(path, tmp / "new", "a@b.cn"),
    )
    try:
        for number, call in enumerate(calls):
            for path in (locked, shut, shut / "x"):
                assert refused(lambda call=call, path=path: call(path), f"{number} {path}")
        assert gov.mine([locked], tmp / "new").unreadable == 1
    finally:
        shut.chmod(0o700)


def test_one_bad_document_of_many_is_a_failure(tmp: Path) -> None:
    for make in VALUES.values():
        (result,) = gov.parse_many([make(tmp)], jobs=1)
        assert isinstance(result, gov.Failure)
        assert result.error.hint


# -- every error that the library raises -----------------------------------------------------------


def raised() -> Iterator[tuple[str, ast.Call]]:
    kinds = {name for name, kind in vars(errors).items() if isinstance(kind, type)}
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in kinds:
                yield f"{path.relative_to(PACKAGE)}:{node.lineno}", node


def test_every_error_says_what_to_do() -> None:
    found = list(raised())
    assert len(found) > 200
    bare = [
        where for where, call in found if not any(k.arg in ("hint", None) for k in call.keywords)
    ]
    assert not bare

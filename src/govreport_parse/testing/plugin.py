"""pytest plugin: a folder of fixtures as tests, one item a fixture and table.

In ``conftest.py``::

    pytest_plugins = ["govreport_parse.testing.plugin"]
    govreport_fixtures = "fixtures"

or, instead of the second line, ``govreport_fixtures = fixtures`` in the ini file, or
``--govreport-fixtures=DIR``. Folders are relative to the conftest or ini file. The items are
collected whenever pytest runs without arguments, with ``testpaths``, or on a path that holds the
folder; ``pytest fixtures/ogi_annual_2021/NAME`` runs one fixture, ``…/NAME/meta.json::requests``
one table of it.

Each fixture gives an item per table and one for its metadata (in ``broken/``: one for the error);
a folder out of order gives one failing item that names the mend, a draft fails. A failure prints
every differing figure with expected and found value, source line and raw cell. Needs pytest 8.
"""

from __future__ import annotations

import types
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from govreport_parse.errors import GovReportError
from govreport_parse.testing.diff import Comparison, compare, describe
from govreport_parse.testing.fixture_files import SITE, load_fixture

NAME = "govreport_fixtures"


class FixtureFailureError(Exception):
    """A fixture is not as expected; the message is the report."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """The option and the ini key."""
    parser.addini(NAME, "folders of fixtures (govreport_parse)", type="paths", default=[])
    parser.getgroup("govreport").addoption(
        "--govreport-fixtures", action="append", metavar="DIR", help="a folder of fixtures"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Let a run without arguments collect the folders too, wherever ``testpaths`` points."""
    if config.args_source is pytest.Config.ArgsSource.ARGS:
        return
    given = [Path(a).resolve() for a in config.args]
    for root in fixture_roots(config):
        if not any(root == g or g in root.parents for g in given):
            config.args.append(str(root))


def fixture_roots(config: pytest.Config) -> list[Path]:
    """The configured folders; ``pytest.UsageError`` for none and for one that does not exist."""
    roots: list[Path] = [Path(p) for p in config.getini(NAME)]
    roots += [
        config.invocation_params.dir / d for d in config.getoption("--govreport-fixtures") or ()
    ]
    for plugin in config.pluginmanager.get_plugins():
        if (
            isinstance(plugin, types.ModuleType)
            and Path(plugin.__file__ or "").name == "conftest.py"
        ):
            named = getattr(plugin, NAME, ())
            folders: Iterable[Any] = [named] if isinstance(named, (str, Path)) else named
            roots += [Path(str(plugin.__file__)).parent / d for d in folders]
    for root in roots:
        if not root.is_dir():
            raise pytest.UsageError(f"{NAME}: there is no folder {root}")
    return list(dict.fromkeys(r.resolve() for r in roots))


def pytest_collect_directory(path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """A configured folder becomes a collector of fixtures."""
    if path.resolve() in fixture_roots(parent.config):
        return FixtureRoot.from_parent(parent, path=path)
    return None


class FixtureRoot(pytest.Directory):
    """The folder of fixtures; its folders are forms."""

    def collect(self) -> Iterator[pytest.Collector]:
        """One collector per form."""
        forms = [p for p in sorted(self.path.iterdir()) if p.is_dir() and p.name != SITE]
        forms = [p for p in forms if not p.name.startswith((".", "_"))]
        if not forms:
            raise self.CollectError(f"there are no fixtures in {self.path}")
        for form in forms:
            yield FormFolder.from_parent(self, path=form)


class FormFolder(pytest.Directory):
    """All fixtures of one form, or of ``broken``."""

    def collect(self) -> Iterator[pytest.Collector]:
        """One collector per fixture."""
        for folder in sorted(self.path.iterdir()):
            if folder.is_dir() or folder.is_symlink():
                yield FixtureFolder.from_parent(self, path=folder)


class FixtureFolder(pytest.Directory):
    """The folder of one fixture."""

    def collect(self) -> Iterator[pytest.Collector]:
        """Its ``meta.json``, there or not, so that a missing one is seen."""
        yield FixtureFile.from_parent(self, path=self.path / "meta.json")


class FixtureFile(pytest.File):
    """One fixture; parsed once, by the first of its items that runs."""

    _comparison: Comparison | None = None

    def collect(self) -> Iterator[pytest.Item]:
        """One item per table and one for the metadata; one for a folder out of order."""
        for part in self._parts():
            yield FixtureItem.from_parent(self, name=part)

    def _parts(self) -> list[str]:
        try:
            fixture = load_fixture(self.path.parent)
        except GovReportError:
            return ["files"]
        if fixture.error is not None:
            return ["error"]
        tables = dict.fromkeys(f.path.split("/")[0] for r in fixture.reports for f in r.figures)
        return [*tables, "metadata"]

    def comparison(self) -> Comparison:
        """The fixture against the parser."""
        if self._comparison is None:
            self._comparison = compare(load_fixture(self.path.parent))
        return self._comparison


class FixtureItem(pytest.Item):
    """One table (or the metadata, the error, the files) of one fixture."""

    def runtest(self) -> None:
        """Raise ``FixtureFailureError`` with all that differs."""
        folder = self.parent
        assert isinstance(folder, FixtureFile)
        try:
            comparison = folder.comparison()
        except GovReportError as error:
            raise FixtureFailureError(f"{error.message}\n  mend: {error.hint}") from None
        name = comparison.fixture.name
        if comparison.fixture.draft:
            raise FixtureFailureError(
                f"{name} is a draft: check expected.tsv beside the page, then\n"
                f"  govreport fixture sign {name} --by WHO"
            )
        tables = {d.table for d in comparison.figures if d.gap is None}
        wrong = self.name in tables or (
            self.name in ("metadata", "error") and any(d.gap is None for d in comparison.facts)
        )
        if wrong:
            raise FixtureFailureError(describe(comparison, self.name))

    def repr_failure(
        self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None
    ) -> str | Any:
        """The report alone; a crash of the parser with its traceback."""
        if isinstance(excinfo.value, FixtureFailureError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Folder and name for the headline."""
        folder = self.path.parent
        return self.path, None, f"{folder.parent.name}/{folder.name} {self.name}"

"""The public face as type checkers see it. Not run: mypy (strict) reads it in ``make check``."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Any, assert_type

import pandas as pd

import govreport_parse as gov


def reading(path: Path) -> None:
    report = gov.parse(path, organ="清溪县人民政府", year=2023, url=None, division_code=None)
    assert_type(report, gov.Report)
    assert_type(gov.parse(b"..."), gov.Report)
    assert_type(gov.parse(gov.Source(b"...", name="a.html"), solve=False), gov.Report)
    assert_type(report.year, int | None)
    assert_type(report.organ, str | None)
    assert_type(report.form, str)
    assert_type(report.completeness, dict[str, int])
    assert_type(report.sections, tuple[gov.Section, ...])
    assert_type(report.findings, tuple[gov.Finding, ...])
    assert_type(report.checks, tuple[gov.Check, ...])
    assert_type(report.others, tuple[gov.Report, ...])
    assert_type(report.explain("requests/granted/total"), str)
    assert_type(report.to_json(), str)
    assert_type(report.to_dict(), dict[str, Any])
    assert_type(report.table("requests", labels="zh"), pd.DataFrame)
    assert_type(report.figures(), pd.DataFrame)
    assert_type(report.checks[0].state, gov.CheckState)


def figures(report: gov.Report) -> None:
    figure = report["requests/granted/total"]
    assert_type(figure, gov.Figure)
    assert_type(figure.value, int | Decimal | None)
    assert_type(figure.state, gov.State)
    assert_type(figure.raw, str | None)
    assert_type(figure.locator, gov.Locator | None)
    assert_type(figure.repairs, tuple[gov.Repair, ...])
    assert_type(list(report), list[gov.Figure])


def many(paths: list[Path]) -> None:
    results = gov.parse_many(paths, jobs=2)
    assert_type(results, Iterator[gov.Report | gov.Failure])
    for result in results:
        if isinstance(result, gov.Failure):
            assert_type(result.error, gov.GovReportError)
        else:
            assert_type(result, gov.Report)
    with ThreadPoolExecutor() as executor:
        gov.parse_many(paths, executor=executor)
    assert_type(gov.to_frame(gov.samples(), shape="wide"), pd.DataFrame)
    assert_type(gov.codebook(), pd.DataFrame)
    assert_type(gov.forms(), tuple[gov.Form, ...])
    with gov.sample_paths() as own:
        assert_type(own, list[Path])


def datasets(folder: Path) -> None:
    gov.write_dataset(gov.samples(), folder)
    data = gov.load(folder)
    assert_type(data, gov.Dataset)
    assert_type(data.wide(), pd.DataFrame)
    assert_type(data.panel(["rq_received_total"]), pd.DataFrame)
    assert_type(data.coverage(), pd.DataFrame)
    assert_type(data.sql("select 1"), pd.DataFrame)
    assert_type(data.methods(), str)
    assert_type(data.export("csv", folder), list[Path])
    gov.verify_dataset(folder)
    gov.check_panel(gov.samples())


def harvests(folder: Path) -> None:
    run = gov.harvest("sources.csv", folder, contact="you@university.edu", delay=5.0)
    assert_type(run, gov.Run)
    assert_type(run.outcomes(), pd.DataFrame)
    assert_type(run.failures, pd.DataFrame)
    assert_type(run.coverage(), pd.DataFrame)
    assert_type(run.dataset, gov.Dataset)
    assert_type(run.is_complete, bool)
    gov.build(folder, jobs=1)
    assert_type(gov.mine([folder], folder).reports, int)


def rest(path: Path) -> None:
    assert_type(gov.read_mapping(path), gov.OrganMapping)
    gov.parse(path, mapping=gov.read_mapping(path))
    gov.read_document(path)
    gov.mask("电话 13800000000")
    gov.plots.trend(gov.samples(), "rq_received_total")


def errors() -> tuple[type[Exception], ...]:
    """The tree: each is a ``GovReportError`` and the fitting builtin."""
    fetch: tuple[type[OSError], ...] = (
        *(gov.FetchError, gov.NetworkError, gov.HttpStatusError),
        *(gov.RobotsDisallowedError, gov.BlockedError),
    )
    values: tuple[type[ValueError], ...] = (
        *(gov.DecodeError, gov.UnsupportedFormatError, gov.UnknownEncodingError),
        *(gov.ScannedDocumentError, gov.ParseError, gov.NotAReportError, gov.LimitExceededError),
    )
    lookup: type[LookupError] = gov.UsageError
    runtime: type[RuntimeError] = gov.DatasetError
    own: tuple[type[gov.GovReportError], ...] = (
        *(gov.FetchError, gov.DecodeError, gov.ParseError, gov.DatasetError, gov.UsageError),
    )
    return (*fetch, *values, lookup, runtime, *own)

"""What comes with a document beside its bytes."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from town_pages import page

import govreport_parse as gov
from govreport_parse.errors import LimitExceededError, UsageError
from govreport_parse.report import Report
from govreport_parse.source import Source
from govreport_parse.workers import is_available, parse_isolated

GIVEN = {"organ": "白云镇人民政府", "year": 2020, "division_code": "341722"}


def told(report: object) -> tuple[object, ...]:
    assert isinstance(report, Report)
    return (
        report.organ,
        report.organ_source,
        report.year,
        report.year_source,
        report.division_code,
    )


def test_what_is_given_with_a_document_counts_as_said_by_the_caller() -> None:
    source = Source(page().encode(), "town.html", given=GIVEN)
    assert told(gov.parse(source)) == ("白云镇人民政府", "caller", 2020, "caller", "341722")


def test_the_arguments_of_parse_come_before_what_is_given() -> None:
    report = gov.parse(Source(page().encode(), given=GIVEN), year=2021)
    assert told(report)[:4] == ("白云镇人民政府", "caller", 2021, "caller")


def test_each_document_keeps_its_own() -> None:
    results = list(gov.parse_many([Source(page().encode(), given=GIVEN), page()]))
    assert [told(r)[3] for r in results] == ["caller", "period"]


@pytest.mark.skipif(not is_available(), reason="documents are isolated on Linux only")
def test_it_travels_to_the_workers() -> None:
    (report,) = parse_isolated([Source(page().encode(), given=GIVEN)], jobs=1)
    assert told(report) == ("白云镇人民政府", "caller", 2020, "caller", "341722")


def test_nonsense_in_it_is_refused_like_nonsense_in_arguments() -> None:
    with pytest.raises(UsageError, match="year 99999"):
        gov.parse(Source(page().encode(), given={"year": 99999}))


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_a_file_name_in_gbk_is_read_as_it_was_meant(tmp_path: Path) -> None:
    named = Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + "清溪县年报.html".encode("gbk")))
    named.write_bytes(page().encode())
    assert Source.of(named).name == "清溪县年报.html"
    broken = Path(os.fsdecode(os.fsencode(tmp_path) + b"/a\xff.html"))
    broken.write_bytes(page().encode())
    assert Source.of(broken).name == "a\ufffd.html"


def test_a_file_larger_than_any_document_and_a_device_are_refused_unread(tmp_path: Path) -> None:
    huge = tmp_path / "huge.html"
    with huge.open("wb") as file:
        file.truncate(1 << 33)  # sparse
    with pytest.raises(LimitExceededError, match=r"8,589,934,592 bytes"):
        Source.of(huge)
    with pytest.raises(UsageError, match="is a device"):
        Source.of(Path("/dev/zero"))

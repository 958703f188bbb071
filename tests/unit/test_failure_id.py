"""A document that failed is named like a report, so that both can be joined by ``report_id``."""

from __future__ import annotations

import hashlib

from govreport_parse import Failure, parse_many


def test_a_failure_has_the_first_16_digits_of_the_hash_of_its_bytes() -> None:
    data = "会议纪要".encode()
    (made,) = parse_many([data])
    assert isinstance(made, Failure)
    assert made.report_id == hashlib.sha256(data).hexdigest()[:16]


def test_a_document_of_which_no_byte_came_has_no_id() -> None:
    (made,) = parse_many(["nowhere/report.html"])
    assert isinstance(made, Failure)
    assert made.report_id == ""

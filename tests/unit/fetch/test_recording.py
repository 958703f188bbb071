"""What of an answer goes to the archive beside its bytes."""

from __future__ import annotations

from typing import Any, cast

from fetch.exchanges import exchange

from govreport_parse.fetch.archive import Archive, Original
from govreport_parse.fetch.records import Answer, Code, Outcome
from govreport_parse.fetch.state import Target, store_answer
from govreport_parse.fetch.state.rows import Claim


class Notebook:
    """In place of an archive: what it was given."""

    def __init__(self) -> None:
        self.given: list[dict[str, Any]] = []

    def append(self, exchange: object, **more: Any) -> object:
        self.given.append({"exchange": exchange, **more})
        return object()


def test_only_the_last_hop_says_what_became_of_the_address() -> None:
    first, second = exchange(status=302), exchange("http://a.gov.cn/2.html", status=304)
    old = cast("Original", object())
    outcome = Outcome(Code.NOT_MODIFIED, "x", "as before", 12.5)
    answer = Answer(first.url, outcome, (first, second))
    claim = Claim(first.url, "a.gov.cn", "gov.cn", "report", 1, 2, "http://a.gov.cn/", 3, 0)
    found = [Target("http://a.gov.cn/3.html", kind="file", depth=3, priority=4)]
    archive = Notebook()
    store_answer(
        cast("Archive", archive),
        answer,
        claim=claim,
        found=found,
        retry_at=1700.25,
        unmodified=old,
    )
    one, two = archive.given
    assert (one["exchange"], one["unmodified"]) == (first, None)
    assert one["extra"] == {"asked": first.url, "hop": "0"}
    assert (two["exchange"], two["unmodified"]) == (second, old)
    assert two["extra"] == {
        "asked": first.url,
        "hop": "1",
        "outcome": "not_modified",
        "reason": "x",
        "detail": "as before",
        "retry-after": "12.5",
        "retry-at": "1700.25",
        "outlink": ["http://a.gov.cn/3.html file 3 4"],
        "page": "report 2 3",
        "via": "http://a.gov.cn/",
    }


def test_an_answer_that_ends_an_address_names_no_time() -> None:
    archive = Notebook()
    answer = Answer("http://a.gov.cn/1.html", Outcome(Code.OK), (exchange(),))
    store_answer(cast("Archive", archive), answer)
    (only,) = archive.given
    assert (only["extra"]["retry-at"], only["extra"]["retry-after"]) == ("", "")
    assert not {"page", "via"} & set(only["extra"])

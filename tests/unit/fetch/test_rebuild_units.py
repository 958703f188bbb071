"""Which records of an archive make one whole exchange, when a state is made again from it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from govreport_parse.fetch.state.rebuild import _is_whole


@dataclass
class Stored:
    """As much of a record as is looked at."""

    kind: str
    headers: dict[str, str]
    told: dict[str, list[str]] = field(default_factory=dict)

    def fields(self) -> dict[str, list[str]]:
        return self.told


def exchange(*, request_of: str = "a", metadata_of: str = "a", answer: str = "response") -> Any:
    return cast(
        "Any",
        [
            Stored(answer, {"warc-record-id": "a"}),
            Stored("request", {"warc-record-id": "b", "warc-concurrent-to": request_of}),
            Stored("metadata", {"warc-record-id": "c", "warc-concurrent-to": metadata_of}),
        ],
    )


@pytest.mark.parametrize("answer", ["response", "revisit"])
def test_all_records_belong_to_the_answer(answer: str) -> None:
    assert _is_whole(exchange(answer=answer))


def test_a_request_or_a_metadata_record_of_another_answer_is_no_part_of_it() -> None:
    assert not _is_whole(exchange(request_of="z"))
    assert not _is_whole(exchange(metadata_of="z"))


def test_without_an_answer_the_metadata_may_not_speak_of_a_body() -> None:
    request = Stored("request", {"warc-record-id": "b", "warc-concurrent-to": "a"})
    nothing = Stored("metadata", {"warc-concurrent-to": "a"}, {"outcome": ["RETRY"]})
    some = Stored("metadata", {"warc-concurrent-to": "a"}, {"body-sha256": ["0" * 64]})
    assert _is_whole(cast("Any", [request, nothing]))
    assert not _is_whole(cast("Any", [request, some]))

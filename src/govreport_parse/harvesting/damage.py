"""Documents that the archive has lost: their failure says so, and not that they are empty."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from govreport_parse.errors import DatasetError
from govreport_parse.fetch.archive import read_payload
from govreport_parse.fetch.state import Capture, Group
from govreport_parse.harvesting.importing import imported_name
from govreport_parse.report import Failure, Report, SourceInfo

Result = Report | Failure


def told_damage(folder: Path, group: Group, results: Sequence[Result]) -> list[Result]:
    """What was made of a group's documents, with a ``DatasetError`` for each unreadable record.

    An unreadable record reaches the parser without a byte, so only such failures are looked into.
    """
    return [_told(folder, group, result) for result in results]


def _told(folder: Path, group: Group, result: Result) -> Result:
    if isinstance(result, Report) or result.source.bytes:
        return result
    for capture in (group.page, *group.attachments):
        if _is_of(capture, result.source):
            place = (capture.segment, capture.offset, capture.length, capture.sha256)
            try:
                read_payload(folder, *place)
            except DatasetError as error:
                return _failure(capture, result.source, error)
    return result


def _is_of(capture: Capture, source: SourceInfo) -> bool:
    imported = imported_name(capture.url)
    return source.url == capture.url if imported is None else source.name == imported


def _failure(capture: Capture, source: SourceInfo, error: DatasetError) -> Failure:
    """Without a hash: the bytes are gone, and what comes from the same address takes its place."""
    imported = imported_name(capture.url) is not None
    mend = "import its file again" if imported else "harvest with --refresh to fetch it again"
    told = DatasetError(
        f"the archived document can't be read back: {error.message}",
        hint=f"`govreport verify` names all damage; {mend}",
        context={"segment": capture.segment, "offset": capture.offset, "reason": "damaged"},
    )
    return Failure(SourceInfo(source.name, source.url, "", 0, source.media_type, None), told)

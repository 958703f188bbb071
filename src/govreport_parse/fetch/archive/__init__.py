"""The archive of a harvest: WARC/1.1 segments, written once, read back with every byte checked.

Each exchange becomes a response (or revisit), a request and a metadata record, one gzip member
each; any WARC reader can use the files. The harvest's state says where each record lies and how
far a segment counts.
"""

from govreport_parse.fetch.archive.read import (
    Damage,
    Record,
    iter_records,
    read_payload,
    read_record,
    scan_segment,
)
from govreport_parse.fetch.archive.records import Original
from govreport_parse.fetch.archive.verify import Problem, Span, verify_archive
from govreport_parse.fetch.archive.write import (
    FOLDER,
    SEGMENT_BYTES,
    Archive,
    SegmentEnd,
    Stored,
    segment_names,
    segment_path,
)

__all__ = [
    "FOLDER",
    "SEGMENT_BYTES",
    "Archive",
    "Damage",
    "Original",
    "Problem",
    "Record",
    "SegmentEnd",
    "Span",
    "Stored",
    "iter_records",
    "read_payload",
    "read_record",
    "scan_segment",
    "segment_names",
    "segment_path",
    "verify_archive",
]

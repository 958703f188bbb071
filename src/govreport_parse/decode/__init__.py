"""Bytes to text: what kind of document it is (``sniff``) and its characters (``charset``)."""

from __future__ import annotations

from govreport_parse.decode.charset import Decoded, canonical_encoding, decode_text
from govreport_parse.decode.sniff import Format, sniff

__all__ = ["Decoded", "Format", "canonical_encoding", "decode_text", "sniff"]

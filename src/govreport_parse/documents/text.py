"""Plain text to a ``Document``: one paragraph per line, nothing interpreted.

Tables in text (pipes, tabs, a cell a line) are told by the form's labels, which is the matcher's
work; a reader that guessed their shape from bars would be wrong in half of the dialects seen.
"""

from __future__ import annotations

import re

from govreport_parse.documents.model import Block, Document, Paragraph
from govreport_parse.errors import LimitExceededError

MAX_CHARACTERS = 16 * 1024 * 1024
_LINE = re.compile(r"\r\n|[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")


def read_text(text: str) -> Document:
    """Lines to paragraphs, numbered from 1; empty lines are left out.

    Raises ``LimitExceededError`` above 16 million characters.
    """
    if len(text) > MAX_CHARACTERS:
        raise LimitExceededError(
            f"{len(text)} characters are more than a report can have",
            hint="cut a corpus into documents first (govreport mine)",
            context={"limit": MAX_CHARACTERS},
        )
    blocks: list[Block] = [
        Paragraph(line, number)
        for number, line in enumerate(_LINE.split(text), 1)
        if line and ("\t" in line or not line.isspace())  # tabs alone: a row of blank cells
    ]
    return Document(blocks, "text", "text/plain")

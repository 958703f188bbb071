"""Personal data in a document that is about to become a fixture.

In: the text of a document. Out: what looks like a resident's identity number (GB 11643: 18 signs
whose check digit is right and whose birth date exists), a mobile number, a bank card (Luhn's sum
holds) or an e-mail address. Figures of tables are no hits unless they pass these tests.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["identity number", "mobile number", "bank card", "e-mail address"]

_WIDTH = str.maketrans("０１２３４５６７８９Ｘｘ＠．", "0123456789Xx@.")
_DIGITS = re.compile(r"(?<![0-9A-Za-z])[0-9]{11,19}[Xx]?(?![0-9A-Za-z])")
_GROUPED = re.compile(r"(?<![0-9A-Za-z])[0-9]{4}(?:[ -][0-9]{4}){3}(?:[ -][0-9]{1,3})?(?![0-9])")
_GROUPED_MOBILE = re.compile(r"(?<![0-9A-Za-z])1[3-9][0-9][ -][0-9]{4}[ -][0-9]{4}(?![0-9])")
_MAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,6}")
_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


@dataclass(frozen=True, slots=True)
class PersonalDatum:
    """One hit: its kind, the line (from 1) and the text with its middle masked."""

    kind: Kind
    line: int
    masked: str


def find_personal_data(text: str) -> list[PersonalDatum]:
    """All hits in the order of the text; the hits themselves are masked."""
    out = []
    for number, line in enumerate(text.translate(_WIDTH).split("\n"), 1):
        out += [PersonalDatum(kind, number, _masked(hit)) for kind, hit in _hits(line)]
    return out


def _hits(line: str) -> Iterator[tuple[Kind, str]]:
    for found in _DIGITS.finditer(line):
        digits = found[0]
        if is_identity_number(digits):
            yield "identity number", digits
        elif _MOBILE.fullmatch(digits):
            yield "mobile number", digits
        elif is_bank_card(digits):
            yield "bank card", digits
    for found in _GROUPED.finditer(line):
        if is_bank_card(re.sub("[ -]", "", found[0])):
            yield "bank card", found[0]
    for found in _GROUPED_MOBILE.finditer(line):
        yield "mobile number", found[0]
    if "@" in line:
        for found in _MAIL.finditer(line):
            yield "e-mail address", found[0]


def is_identity_number(text: str) -> bool:
    """18 signs with an existing birth date and the check digit of ISO 7064 mod 11-2."""
    if not re.fullmatch(r"[1-9][0-9]{16}[0-9Xx]", text):
        return False
    try:
        born = datetime.date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return False
    total = sum(int(d) * w for d, w in zip(text, _WEIGHTS, strict=False))
    return born.year >= 1900 and "10X98765432"[total % 11] == text[17].upper()


def is_bank_card(text: str) -> bool:
    """16 to 19 digits that begin like a card (3 to 6, 9) and whose Luhn sum ends in 0."""
    if not re.fullmatch(r"[34569][0-9]{15,18}", text):
        return False
    total = 0
    for i, sign in enumerate(reversed(text)):
        digit = int(sign) * (2 if i % 2 else 1)
        total += digit - 9 if digit > 9 else digit
    return total % 10 == 0


def _masked(text: str) -> str:
    return f"{text[:3]}…{text[-2:]}"

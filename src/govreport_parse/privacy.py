"""Personal numbers in texts that leave the house: found, counted and masked.

In: a narrative text. Out: where identity numbers, mobile numbers, bank cards, e-mail addresses
and passports stand, and the text with each replaced by a sign of its kind. Rules (RELIABILITY 6):

==============  ==================================================================================
``id``          18 signs: province code, a day that was (1900 to today), check digit of ISO 7064
                MOD 11-2, in one piece, in up to 4, or in pieces of one length; near 身份证 or
                证件 in any pieces, and also the 15 digits of old cards
``mobile``      ``1``, 3 to 9, nine digits, in one piece or as 3-4-4; other groups only near 手机,
                电话 or 联系; ``+86`` before it belongs to it
``bank_card``   16 to 19 digits with Luhn's check digit, near 账号, 卡号, 账户 or 银行卡
``email``       an address
``passport``    a letter or two and 7 or 8 digits, near 护照
==============  ==================================================================================

Digits of any width, with blanks, hyphens or invisible signs between them, are read on a shadow of
the candidate with a map back, so that the whole of it is masked. Kept: office telephones, unified
social credit codes, document and index numbers, figures. Names are not promised. Time is linear.

Only the day of the text's reading bounds a birth date from above: give ``today`` where results
must not depend on the clock.
"""

from __future__ import annotations

import datetime
import hashlib
import hmac
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple

from govreport_parse.errors import UsageError
from govreport_parse.values import Finding

if TYPE_CHECKING:
    from govreport_parse.report import Report

Kind = Literal["id", "mobile", "bank_card", "email", "passport"]

MASKS: Mapping[Kind, str] = {
    "id": "ID",
    "mobile": "MOBILE",
    "bank_card": "CARD",
    "email": "EMAIL",
    "passport": "PASSPORT",
}
"""What stands between 〔 and 〕 instead of the value."""
KINDS_ZH: Mapping[Kind, str] = {
    "id": "身份证号",
    "mobile": "手机号",
    "bank_card": "银行卡号",
    "email": "电子邮箱",
    "passport": "护照号",
}


class PersonalDatum(NamedTuple):
    """One hit: its kind and ``text[start:end]``. The value itself is not kept."""

    kind: Kind
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Masked:
    """A text fit to leave the house. ``findings`` counts by kind what was masked."""

    text: str
    findings: Mapping[Kind, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """How many values were masked."""
        return sum(self.findings.values())


def mask(text: str, *, key: bytes | None = None, today: datetime.date | None = None) -> Masked:
    """The text with every personal number replaced by ``〔ID〕``, ``〔MOBILE〕`` …

    With a ``key`` the sign carries 48 bits of a keyed hash (HMAC-SHA256 of the value's plain
    digits) as letters, ``〔ID:jpigaoibiiem〕``: equal values stay equal, nobody without the key can
    try values. Masking a masked text changes nothing.
    """
    if not isinstance(text, str):
        raise UsageError(f"what is masked is a text, not {type(text).__name__}", hint="give a str")
    if key is not None and not isinstance(key, bytes):
        raise UsageError(
            f"a key is bytes, not {type(key).__name__}", hint='"secret".encode() makes bytes'
        )
    if today is not None and not isinstance(today, datetime.date):
        raise UsageError(
            f"today is a date, not {type(today).__name__}", hint="datetime.date(2026, 1, 31)"
        )
    hits = find_personal_data(text, today=today)
    if not hits:
        return Masked(text)
    pieces: list[str] = []
    at = 0
    for hit in hits:
        sign = MASKS[hit.kind]
        if key is not None:
            value = _plain(text[hit.start : hit.end])
            digest = hmac.new(key, f"{hit.kind}:{value}".encode(), hashlib.sha256)
            # Letters: digits might look like a number again.
            sign += ":" + digest.hexdigest()[:12].translate(_LETTERS)
        pieces += (text[at : hit.start], f"〔{sign}〕")
        at = hit.end
    pieces.append(text[at:])
    return Masked("".join(pieces), dict(sorted(Counter(h.kind for h in hits).items())))


_LETTERS = str.maketrans("0123456789abcdef", "abcdefghijklmnop")


def mask_text(text: str | None, *, key: bytes | None = None) -> str | None:
    """``mask(text).text``; ``None`` stays ``None`` (for columns of a table)."""
    return None if text is None else mask(text, key=key).text


def find_personal_data(
    text: str, *, today: datetime.date | None = None
) -> tuple[PersonalDatum, ...]:
    """All hits in the order of the text; they do not overlap."""
    found: list[PersonalDatum] = []
    if _RUN.search(text):
        last = today or datetime.date.today()
        for run in _RUN.finditer(text):
            found += _in_run(text, run.start(), run.end(), last)
    if _AT.search(text):
        found += _emails(text)
    if "护照" in text or "護照" in text:
        found += _passports(text)
    return _disjoint(found)


def personal_data_findings(report: Report) -> tuple[Finding, ...]:
    """Kinds and counts of personal numbers in a report's sections, never the values.

    One finding ``personal_data`` for each section that has some, so that the organ can be told.
    """
    out: list[Finding] = []
    for section in report.sections:
        counts: Counter[Kind] = Counter(
            h.kind for text in (section.heading, section.text) for h in find_personal_data(text)
        )
        if counts:
            kinds = sorted(counts.items())
            out.append(
                Finding(
                    "personal_data",
                    "warning",
                    f"section {section.key!r} shows "
                    + ", ".join(f"{n} × {kind}" for kind, n in kinds)
                    + "; masked in tables, exports and pages",
                    f"“{section.heading or section.key}”含"
                    + "、".join(f"{KINDS_ZH[kind]}{n}个" for kind, n in kinds)
                    + "，输出时已遮盖",
                    detail=(("section", section.key), *kinds),
                )
            )
    return tuple(out)


# -- digits ----------------------------------------------------------------------------------------


def _digit_forms() -> dict[str, str]:
    """Every decimal digit, and X, that NFKC folds to the plain one: full-width, mathematical."""
    out = {d: d for d in "0123456789"} | {"X": "X", "x": "X"}
    for low, high in ((0x2169, 0x217A), (0xFF10, 0xFF5B), (0x1D7CE, 0x1D800), (0x1FBF0, 0x1FBFA)):
        for code in range(low, high):
            plain = unicodedata.normalize("NFKC", chr(code)).upper()
            if plain in out:
                out[chr(code)] = out[plain]
    return out


_FORMS = _digit_forms()
_CROSSES = "".join(re.escape(c) for c, d in _FORMS.items() if d == "X") + "×"
_INVISIBLE = "\u00ad\u180e\u200b-\u200f\u2060-\u2064\ufeff"
_GAPS = r"\s\-‐‑‒–—―−﹣－_" + _INVISIBLE
_RUN = re.compile(rf"\d[\d{_CROSSES}{_GAPS}]{{10,}}")  # \d: six times as fast as a list of signs
_GAP = re.compile(f"[{_GAPS}]")
_UNSEEN = frozenset(
    "\u00ad\u180e\ufeff" + "".join(map(chr, (*range(0x200B, 0x2010), *range(0x2060, 0x2065))))
)
MAX_PIECES = 4
MAX_GAP = 3
"""Signs between two digits of one number."""

_PROVINCE_CODES = """11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54
61 62 63 64 65 71 81 82 83"""
PROVINCES = frozenset(_PROVINCE_CODES.split())
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_NEAR = 24
"""Signs before a number in which a word about it counts."""
_ID_WORDS = re.compile("身份证|身份證|证件|證件|身份号|身份號")
_PHONE_WORDS = re.compile("手机|手機|电话|電話|联系|聯系|聯絡|致电")
_CARD_WORDS = re.compile("账号|帐号|賬號|帳號|卡号|卡號|账户|帐户|賬戶|帳戶|银行卡|銀行卡|开户")
_CODE_WORDS = re.compile("信用代码|信用代碼|机构代码|機構代碼|统一代码|統一代碼")
_PASSPORT_WORDS = re.compile("护照|護照")
_BLANKS = re.compile(f"[\\s{_INVISIBLE}]+")


class _Piece(NamedTuple):
    """Digits in one piece: the plain signs and where each stands in the text."""

    digits: str
    at: tuple[int, ...]
    gap: int
    """Visible signs between it and the piece before."""


def _pieces(text: str, start: int, end: int) -> list[_Piece]:
    out: list[_Piece] = []
    digits: list[str] = []
    at: list[int] = []
    gap = 0
    for i in range(start, end):
        c = text[i]
        plain = _FORMS.get(c) or ("X" if c == "×" else "")
        if plain:
            digits.append(plain)
            at.append(i)
            if plain == "X":  # what follows an X is no part of the number
                out.append(_Piece("".join(digits), tuple(at), gap))
                digits, at, gap = [], [], MAX_GAP + 1
        elif c not in _UNSEEN:
            if digits:
                out.append(_Piece("".join(digits), tuple(at), gap))
                digits, at, gap = [], [], 0
            gap += MAX_GAP + 1 if c.isdecimal() else 1  # digits of other scripts part numbers
    if digits:
        out.append(_Piece("".join(digits), tuple(at), gap))
    return out


class _Window(NamedTuple):
    """Neighbouring pieces read as one number."""

    digits: str
    start: int
    end: int
    shape: tuple[int, ...]
    """Lengths of the pieces."""
    is_alone: bool
    """No other digits stand beside it in the run."""


_LONGEST = 19


def _windows(pieces: list[_Piece]) -> Iterator[_Window]:
    """Every run of whole pieces with 10 to 19 digits. A number never begins inside a piece."""
    for i, first in enumerate(pieces):
        digits = ""
        shape: list[int] = []
        for piece in pieces[i : i + _LONGEST]:
            if digits and (piece.gap > MAX_GAP or "X" in digits):
                break
            digits += piece.digits
            shape.append(len(piece.digits))
            if len(digits) > _LONGEST:
                break
            if len(digits) < 10:
                continue
            alone = i == 0 and len(shape) == len(pieces)
            yield _Window(digits, first.at[0], piece.at[-1] + 1, tuple(shape), alone)
            if digits[-1] == "X" and len(piece.at) > 1:  # perhaps no check digit but a letter
                bare = (*shape[:-1], shape[-1] - 1)
                yield _Window(digits[:-1], first.at[0], piece.at[-2] + 1, bare, alone)


def _in_run(text: str, start: int, end: int, last: datetime.date) -> list[PersonalDatum]:
    run = text[start:end]
    windows: Iterable[_Window]
    if run.isascii() and run.isdigit():  # by far the commonest
        windows = (_Window(run, start, end, (end - start,), True),)
    else:
        windows = _windows(_pieces(text, start, end))
    out: list[PersonalDatum] = []
    for window in windows:
        kind = _kind(window, text, last)
        if kind is not None:
            begin = _with_prefix(text, window.start) if kind == "mobile" else window.start
            out.append(PersonalDatum(kind, begin, window.end))
    return out


def _kind(window: _Window, text: str, last: datetime.date) -> Kind | None:
    digits = window.digits
    n = len(digits)
    if n == 18 and is_identity_number(digits, last):
        # The few credit codes that pass every test of an identity number are told by their name.
        is_id = _identity_shape(window, text) and not _near(text, window.start, _CODE_WORDS)
        return "id" if is_id else None
    if "X" in digits:
        return None
    if n == 11 and _MOBILE.fullmatch(digits) and _mobile_shape(window, text):
        return "mobile"
    if n == 13 and digits.startswith("86") and _MOBILE.fullmatch(digits[2:]):
        return "mobile" if window.shape in _PREFIXED or window.shape == (13,) else None
    if 16 <= n <= 19 and _luhn(digits) and _near(text, window.start, _CARD_WORDS):
        return None if _touches_letter(text, window) else "bank_card"
    if n == 15 and _old_identity_number(digits) and _near(text, window.start, _ID_WORDS):
        return "id"
    return None


_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_PREFIXED = frozenset({(2, 11), (2, 3, 4, 4)})


def _mobile_shape(window: _Window, text: str) -> bool:
    before = text[window.start - 1] if window.start else ""
    if before == "_" or (before.isascii() and before.isalpha()):
        return False  # part of an address or a code
    if before in (".", "．") and window.start > 1 and text[window.start - 2] in _FORMS:
        return False  # decimals
    if window.shape == (11,) or (window.shape == (3, 4, 4) and window.is_alone):
        return True
    # 156 2345 1789 in a line of figures is three of them.
    return _near(text, window.start, _PHONE_WORDS)


def _identity_shape(window: _Window, text: str) -> bool:
    """In few pieces, or in pieces of one length: a line of 12 0 3 177 … is one of figures."""
    shape = window.shape
    if len(shape) <= MAX_PIECES or len(set(shape)) == 1:
        return True
    return _near(text, window.start, _ID_WORDS)


def _touches_letter(text: str, window: _Window) -> bool:
    """Whether a Latin letter makes the digits part of a code (of a credit code, for one)."""
    beside = text[max(0, window.start - 1) : window.start] + text[window.end : window.end + 1]
    return any(c.isascii() and c.isalpha() for c in beside)


_PLUS = re.compile(r"[+＋]?(?:86|８６)[-\s]?$|[+＋]$")


def _with_prefix(text: str, start: int) -> int:
    found = _PLUS.search(text[max(0, start - 5) : start])
    return start if found is None else start - len(found[0])


def is_identity_number(digits: str, last: datetime.date) -> bool:
    """18 plain signs: province, a day from 1900 to ``last``, check digit of ISO 7064 MOD 11-2."""
    if digits[:2] not in PROVINCES or not digits[:17].isdigit():
        return False
    if not _is_day(digits[6:10], digits[10:12], digits[12:14], last):
        return False
    total = sum(int(d) * w for d, w in zip(digits, _WEIGHTS, strict=False))
    return "10X98765432"[total % 11] == digits[17]


def _old_identity_number(digits: str) -> bool:
    """15 digits: province and a day of the 20th century."""
    last = datetime.date(1999, 12, 31)
    day = _is_day("19" + digits[6:8], digits[8:10], digits[10:12], last)
    return digits[:2] in PROVINCES and day


def _is_day(year: str, month: str, day: str, last: datetime.date) -> bool:
    if not "1900" <= year <= "2999":
        return False
    try:
        return datetime.date(int(year), int(month), int(day)) <= last
    except ValueError:
        return False


def _luhn(digits: str) -> bool:
    total = 0
    for i, sign in enumerate(reversed(digits)):
        digit = int(sign) * (2 if i % 2 else 1)
        total += digit - 9 if digit > 9 else digit
    return total % 10 == 0 and len(set(digits)) > 1


def _near(text: str, start: int, words: re.Pattern[str]) -> bool:
    """Whether one of the words stands before ``start`` (spaced words too)."""
    return (
        words.search(_BLANKS.sub("", text[max(0, start - 2 * _NEAR) : start])[-_NEAR:]) is not None
    )


# -- addresses and passports -----------------------------------------------------------------------

_AT = re.compile("[@＠﹫]")
_LOCAL = r"A-Za-z0-9._%+\-Ａ-Ｚａ-ｚ０-９．＿－"
_BEFORE_AT = re.compile(f"[{_LOCAL}]{{1,64}}[ \\u3000\\xa0]?$")
_DOMAIN = r"A-Za-z0-9\-Ａ-Ｚａ-ｚ０-９－"
_AFTER_AT = re.compile(f"[ \\u3000\\xa0]?[{_DOMAIN}]{{1,63}}(?:[.．。｡][{_DOMAIN}]{{1,63}}){{1,6}}")


def _emails(text: str) -> Iterator[PersonalDatum]:
    for found in _AT.finditer(text):
        low = max(0, found.start() - 66)
        before = _BEFORE_AT.search(text, low, found.start())
        after = _AFTER_AT.match(text, found.end())
        if before is not None and after is not None:
            yield PersonalDatum("email", before.start(), after.end())


_PASSPORT = re.compile(
    r"(?<![A-Za-zＡ-Ｚａ-ｚ0-9０-９])[A-Za-zＡ-Ｚａ-ｚ]{1,2}[0-9０-９]{7,8}(?![0-9０-９])"
)


def _passports(text: str) -> Iterator[PersonalDatum]:
    for found in _PASSPORT.finditer(text):
        if _near(text, found.start(), _PASSPORT_WORDS):
            yield PersonalDatum("passport", found.start(), found.end())


# -- together --------------------------------------------------------------------------------------

_ORDER: Mapping[Kind, int] = {"email": 0, "id": 1, "bank_card": 2, "mobile": 3, "passport": 4}


def _disjoint(found: Iterable[PersonalDatum]) -> tuple[PersonalDatum, ...]:
    """Of overlapping hits the surer kind, then the longer; an address swallows its digits."""
    kept: list[PersonalDatum] = []
    for hit in sorted(found, key=lambda h: (h.start, _rank(h))):
        if not kept or kept[-1].end <= hit.start:
            kept.append(hit)
        elif _rank(hit) < _rank(kept[-1]):
            kept[-1] = hit
    return tuple(kept)


def _rank(hit: PersonalDatum) -> tuple[int, int]:
    return _ORDER[hit.kind], hit.start - hit.end


def _plain(value: str) -> str:
    """The value without width, gaps and invisible signs, for its keyed hash."""
    folded = unicodedata.normalize("NFKC", value).replace("×", "X").upper()
    plain = _GAP.sub("", folded)
    digits = plain.lstrip("+")
    return digits.removeprefix("86") if len(digits) == 13 and digits.isdigit() else digits

"""Python lists to Arrow columns, without ever raising on a number or text of a broken source."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal
from itertools import chain
from typing import Any

import numpy as np
import pyarrow as pa

from govreport_parse.values import Number

WAN_YUAN = {
    "元": Decimal("0.0001"),
    "千元": Decimal("0.1"),
    "万元": Decimal(1),
    "亿元": Decimal(10000),
}
"""Units of money and what one of them is in 万元."""


_WHOLE = {int, type(None)}


def as_float(value: Number) -> float | None:
    """The value as a float; ``None`` for what is beyond one."""
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def wan_yuan(value: Number, unit: str | None) -> float | None:
    """An amount in 万元; ``None`` where the unit is not known."""
    factor = WAN_YUAN.get(unit or "")
    return None if factor is None else as_float(Decimal(value) * factor)


def floats(values: Sequence[Any]) -> pa.Array:
    """Numbers as ``float64``."""
    try:
        return pa.array(values, pa.float64())
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
        # a decimal outside an amount, or more than 15 digits
        return pa.array([None if v is None else as_float(v) for v in values], pa.float64())


def joined_floats(lists: Sequence[Sequence[Number | None]]) -> pa.Array:
    """The numbers of many lists, one after the other, as ``float64``."""
    count = sum(map(len, lists))
    try:
        # one pass over whole numbers, decimals and None (which numpy makes nan)
        found = np.fromiter(chain.from_iterable(lists), np.float64, count=count)
    except OverflowError:
        return floats(list(chain.from_iterable(lists)))
    known = np.isfinite(found)
    missing = count - int(np.count_nonzero(known))
    # by buffers: pa.array with a mask copies the numbers
    bits = pa.py_buffer(np.packbits(known, bitorder="little")) if missing else None
    return pa.Array.from_buffers(pa.float64(), count, [bits, pa.py_buffer(found)], missing)


def strings(values: Sequence[str | None]) -> pa.Array:
    """Texts as ``string``; lone surrogates become ``?``."""
    try:
        return pa.array(values, pa.string())
    except UnicodeEncodeError:
        # lone surrogates of a broken source have no UTF-8
        return pa.array([_encodable(v) for v in values], pa.string())


def _encodable(text: str | None) -> str | None:
    return None if text is None else text.encode("utf-8", "replace").decode("utf-8")


def sparse(by: dict[int, float | None], n: int) -> pa.Array:
    """``n`` floats, null but at some places."""
    values = np.zeros(n, dtype=np.float64)
    missing = np.ones(n, dtype=bool)
    for i, value in by.items():
        if value is not None:
            values[i] = value
            missing[i] = False
    return pa.array(values, pa.float64(), mask=missing)


def whole(value: Number | None) -> int | None:
    """The value as a 64-bit integer; ``None`` for what is none (the long frame keeps its raw)."""
    if value is None or (isinstance(value, Decimal) and not value.is_finite()):
        return None
    if value != int(value) or not -(2**63) <= value < 2**63:
        return None
    return int(value)


def integers(values: Sequence[Any]) -> pa.Array:
    """Whole numbers as ``int64``; what is none, or beyond 64 bits, is null."""
    # Arrow cuts off the fraction of a decimal without a word
    if {type(v) for v in values} <= _WHOLE:
        try:
            return pa.array(values, pa.int64())
        except (pa.ArrowInvalid, OverflowError):
            pass
    return pa.array([whole(v) for v in values], pa.int64())


def number_column(values: Sequence[Number | None], kind: str) -> pa.Array:
    """Numbers of one form column: ``float64`` for ``decimal``, ``int64`` for the other kinds."""
    if kind == "decimal":
        return pa.array([None if v is None else as_float(v) for v in values], pa.float64())
    return integers(values)

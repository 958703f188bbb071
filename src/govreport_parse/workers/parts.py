"""What a part of a worker's answer must be; anything else is a ``TypeError`` or ``ValueError``.

The answer comes from a process that has read hostile bytes. Whole columns are checked at once.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar, cast

T = TypeVar("T")
MOST: Final = 2**32 - 1
"""Greatest page, row, line ... of a place."""


def text(value: Any) -> str:
    """A text."""
    if not isinstance(value, str):
        raise TypeError(f"a text, not {type(value).__name__}")
    return value


def whole(value: Any) -> int:
    """A whole number, ``True`` excluded."""
    if type(value) is not int:
        raise TypeError(f"a whole number, not {type(value).__name__}")
    return value


def optional(value: Any, kind: Callable[..., T]) -> T | None:
    """``None``, or a value of exactly this type."""
    if value is not None and type(value) is not kind:
        raise TypeError(f"a {kind}, not {type(value).__name__}")
    return cast("T | None", value)


def each_optional(values: Any, kind: type[T]) -> list[T | None]:
    """A list of values of exactly this type, or ``None``."""
    if type(values) is not list or not set(map(type, values)) <= {kind, type(None)}:
        raise TypeError(f"each must be a {kind.__name__} or null")
    return values


def texts(values: Any) -> list[str]:
    """A list of texts."""
    if type(values) is not list or not set(map(type, values)) <= {str}:
        raise TypeError("each must be a text")
    return values


def numbers(values: Any, most: int = MOST) -> list[int]:
    """A list of whole numbers from 0 to ``most``. A negative one is an ``OverflowError``."""
    if type(values) is not list:
        raise TypeError(f"a list, not {type(values).__name__}")
    # takes whole numbers of 32 bits and nothing else, all in one go
    packed = array("I", values)
    if most < MOST and packed and max(packed) > most:
        raise ValueError(f"a number is greater than {most}")
    return packed.tolist()


def strings(value: Any) -> dict[str, Any]:
    """A JSON object."""
    if not isinstance(value, dict):
        raise TypeError(f"an object, not {type(value).__name__}")
    return value


def same_length(*columns: Sequence[Any]) -> int:
    """The length that all have."""
    (length,) = set(map(len, columns))
    return length

"""Columns of few words as codes: what the forms say, in a fixed order.

A dictionary made from the data would depend on the order of the rows; here the words of all forms
come first, in form order, so that equal rows give equal dictionaries.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

NONE = -1
"""The code of a missing word."""


def repeated(
    column: pa.Array, of: pa.Array, codes: pa.DataType | None = None
) -> pa.DictionaryArray:
    """Texts beside each of their rows (``of``: ``int32`` places in ``column``), as a dictionary.

    ``codes``: the type of the codes, where it is known that a small one holds them.

    The dictionary has its words in the order of ``column``, each once, without null: only such
    a dictionary goes into a Parquet file as it is.
    """
    encoded = column.dictionary_encode()
    if len(encoded.dictionary) == len(column) and codes is None:
        indices = of  # all differ: the place of a text is its code
    else:
        indices = encoded.indices.cast(codes or of.type).take(of)
    # the codes are Arrow's own: no need to look at each of them again
    return pa.DictionaryArray.from_arrays(indices, encoded.dictionary, safe=False)


def decoded(column: pa.Array) -> pa.Array:
    """The texts of a dictionary column; any other column as it is. Much faster than a cast."""
    if isinstance(column, pa.DictionaryArray):
        return column.dictionary.take(column.indices)
    return column


class Words:
    """Words and their codes. Words that the forms don't have are added as they come."""

    def __init__(self, known: Iterable[str]) -> None:
        self.words = list(dict.fromkeys(known))
        self.fixed = len(self.words)
        self._codes: dict[str | None, int] = {w: i for i, w in enumerate(self.words)}
        self._codes[None] = NONE

    def code(self, word: str | None) -> int:
        """The code of a word, a new one if need be; ``NONE`` for ``None``."""
        found = self._codes.get(word)
        if found is None:
            assert word is not None
            found = self._codes[word] = len(self.words)
            self.words.append(word)
        return found

    def encode(self, words: Iterable[str | None]) -> Any:
        """Codes as an ``int32`` array."""
        return np.fromiter((self.code(w) for w in words), dtype=np.int32)

    def decode(self, column: pa.ChunkedArray) -> Any:
        """Codes of a dictionary-encoded column as an ``int32`` array."""
        out = [np.zeros(0, dtype=np.int32)]
        for chunk in column.chunks:
            # the last code stands for a null index
            small = np.append(self.encode(chunk.dictionary.to_pylist()), np.int32(NONE))
            out.append(small[np.asarray(chunk.indices.fill_null(len(small) - 1))])
        return np.concatenate(out)

    def column(self, codes: Any) -> pa.DictionaryArray:
        """A dictionary column; its dictionary depends on the words of the rows only."""
        words: Sequence[str] = self.words[: self.fixed]
        if codes.size and codes.max() >= self.fixed:
            codes, words = self._with_extras(codes)
        missing = codes < 0
        indices = pa.array(codes, pa.int32(), mask=missing if missing.any() else None)
        return pa.DictionaryArray.from_arrays(indices, pa.array(words, pa.string()))

    def _with_extras(self, codes: Any) -> tuple[Any, list[str]]:
        met = np.zeros(len(self.words) + 1, dtype=bool)
        met[codes] = True  # the last place takes the missing ones
        used = self.fixed + np.flatnonzero(met[self.fixed : -1])
        extras = sorted((self.words[c], c) for c in used.tolist())
        moved = np.arange(len(self.words) + 1, dtype=np.int32)
        moved[NONE] = NONE
        for place, (_, code) in enumerate(extras):
            moved[code] = self.fixed + place
        renamed = moved[codes]
        return renamed, self.words[: self.fixed] + [word for word, _ in extras]

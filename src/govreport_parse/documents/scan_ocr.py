"""Crops of single text lines -> text, by the recognition model that travels in rapidocr's wheel.

The model runs in onnxruntime directly: nothing of rapidocr is imported (a second of start-up) and
nothing is ever downloaded. Out: the likeliest text with its confidence, and for what may be a
number the distribution over the readings of a number (prefix search over the model's frames), so
that a doubtful digit comes with its alternatives. Missing packages raise ``ScannedDocumentError``.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from govreport_parse.documents.scan_image import Grey
from govreport_parse.errors import ScannedDocumentError

HEIGHT = 48
"""Pixels: height of a line for the model."""
_STEP = 16
"""Widths are rounded up to this, so that crops share batches."""
_BATCH_PIXELS = 4096
"""Sum of the widths in one batch."""
_WIDEST = 3200

HINT = "install the extra: pip install 'govreport_parse[scan]'"

NUMBER_SIGNS = "0123456789.,-+/—件项万元个条"
"""What numbers of the forms are written with."""
_SAME = {
    **{chr(0xFF10 + d): str(d) for d in range(10)},
    **dict.fromkeys("Oo〇○◯ＯQÓóÒòÖöÔôØø", "0"),
    **dict.fromkeys("lI|｜丨ⅠíÍ", "1"),
    **{"．": ".", "，": ",", "－": "-", "−": "-", "–": "-", "＋": "+", "／": "/", "―": "—"},
}
"""Characters that mean the same in the cell of a number: their probabilities are added."""
_LOOKALIKES = frozenset(_SAME) | frozenset("DUC!iJLzZsSBbgqGT〇口日曰回囗丨一二三丿、。·:;'\"`~°")
"""What a digit or sign may be taken for."""
_SIGNS = frozenset(NUMBER_SIGNS)
_LONGEST_NUMBER = 24
_OTHER = 0.05
"""Weight of the model's belief in other characters against that in numbers: in the cell of a
number it is seldom right."""
_FAINT = 1e-5
"""Probabilities of a sign in a frame below this are not followed."""
_BEAMS = 8


class Recognised(NamedTuple):
    """One line. ``confidence`` is the least probability of a character, 0 without text.

    ``numbers``: readings as a number with their probabilities, most probable first; empty where
    the line is plainly text.
    """

    text: str
    confidence: float
    numbers: tuple[tuple[str, float], ...] = ()


def is_available() -> bool:
    """Whether the packages of the extra ``[scan]`` are there (none is imported)."""
    return all(importlib.util.find_spec(n) is not None for n in ("cv2", "onnxruntime", "rapidocr"))


def require_extra() -> None:
    """Raise ``ScannedDocumentError`` with a hint unless the extra is there."""
    if not is_available():
        raise ScannedDocumentError(
            "the document is a picture, and text recognition is not installed", hint=HINT
        )


def model_path() -> Path:
    """The recognition model in rapidocr's wheel. ``ScannedDocumentError`` if there is none."""
    require_extra()
    spec = importlib.util.find_spec("rapidocr")
    folders = list(spec.submodule_search_locations or []) if spec else []
    found = sorted(p for folder in folders for p in Path(folder, "models").glob("*rec*.onnx"))
    # Models of other languages, if someone fetched any, carry the language in front.
    ours = [p for p in found if p.name.startswith(("PP-OCR", "ch_"))]
    if not ours:
        raise ScannedDocumentError(
            "rapidocr is installed without its recognition model",
            hint="reinstall rapidocr>=3.8,<4, whose wheel holds it",
        )
    return ours[-1]


class Recogniser:
    """The model, loaded once; ``read`` may be called from several threads."""

    def __init__(self, path: Path, threads: int) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 4
        self.name = path.stem
        self._session = onnxruntime.InferenceSession(
            str(path), sess_options=options, providers=["CPUExecutionProvider"]
        )
        self._input = self._session.get_inputs()[0].name
        meta = self._session.get_modelmeta().custom_metadata_map
        if "character" not in meta:
            raise ScannedDocumentError(
                f"the recognition model {path.name} holds no list of characters",
                hint="install rapidocr>=3.8,<4",
            )
        self._characters = ["", *meta["character"].splitlines(), " "]
        places = {c: i for i, c in enumerate(self._characters)}
        self._signs = [c for c in NUMBER_SIGNS if c in places]
        # The CTC blank first, then the signs, then what is added to them.
        same = [(places[c], 1 + self._signs.index(s)) for c, s in _SAME.items() if c in places]
        self._columns = np.array([0, *(places[c] for c in self._signs), *(c for c, _ in same)])
        self._added = [sign for _, sign in same]

    def read(self, crops: Sequence[Grey]) -> list[Recognised]:
        """The text of each crop (dark on white, one line, ``HEIGHT`` pixels high)."""
        out: list[Recognised | None] = [None] * len(crops)
        for indices in _batches(crops):
            width = _padded(max(crops[i].shape[1] for i in indices))
            batch = np.full((len(indices), HEIGHT, width), 255, np.uint8)
            for k, i in enumerate(indices):
                batch[k, :, : crops[i].shape[1]] = crops[i]
            values = batch.astype(np.float32) * (2.0 / 255.0) - 1.0
            stacked = np.repeat(values[:, None], 3, axis=1)
            frames: Any = self._session.run(None, {self._input: stacked})[0]
            best = frames.argmax(axis=2)
            sure = frames.max(axis=2)
            for k, i in enumerate(indices):
                out[i] = self._decode(frames[k], best[k], sure[k])
        return [r for r in out if r is not None]

    def _decode(
        self,
        frames: npt.NDArray[np.float32],
        best: npt.NDArray[np.intp],
        sure: npt.NDArray[np.float32],
    ) -> Recognised:
        text: list[str] = []
        confidence = 1.0
        previous = 0
        for place, p in zip(best.tolist(), sure.tolist(), strict=True):
            if place and place != previous:
                text.append(self._characters[place])
                confidence = min(confidence, p)
            previous = place
        found = "".join(text).strip()
        if not found:
            confidence = 0.0
        if len(found) > _LONGEST_NUMBER or not may_be_number(found):
            return Recognised(found, confidence)
        return Recognised(found, confidence, number_readings(self._folded(frames), self._signs))

    def _folded(self, frames: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
        """Frames of the CTC blank and the signs of numbers only."""
        chosen = frames[:, self._columns].astype(np.float64)
        n = 1 + len(self._signs)
        out = chosen[:, :n]
        for k, sign in enumerate(self._added, n):
            out[:, sign] += chosen[:, k]
        return out


def may_be_number(text: str) -> bool:
    """Whether every character is a sign of numbers or may have been taken for one."""
    return all(c in _SIGNS or c in _LOOKALIKES or c == " " for c in text)


def _padded(width: int) -> int:
    return -(-width // _STEP) * _STEP


def _batches(crops: Sequence[Grey]) -> Iterable[list[int]]:
    """Indices of crops of one width together, bounded by the pixels of a batch."""
    by_width: dict[int, list[int]] = {}
    for i, crop in enumerate(crops):
        by_width.setdefault(_padded(crop.shape[1]), []).append(i)
    for width, indices in sorted(by_width.items()):
        most = max(1, _BATCH_PIXELS // width)
        for start in range(0, len(indices), most):
            yield indices[start : start + most]


def number_readings(
    frames: npt.NDArray[np.float64], signs: Sequence[str], most: int = 6
) -> tuple[tuple[str, float], ...]:
    """Prefix search over CTC frames: strings of ``signs`` with their probabilities.

    ``frames`` has a row a frame and a column a sign, the blank first. What the model gives to
    other characters and to the empty string counts with the weight ``_OTHER``.
    """
    beams: dict[str, tuple[float, float]] = {"": (1.0, 0.0)}  # ends in blank, ends in its sign
    for row in frames.tolist():
        blank = row[0]
        alive = [(s, p) for s, p in zip(signs, row[1:], strict=True) if p > _FAINT]
        grown: dict[str, list[float]] = {}
        for text, (in_blank, in_sign) in beams.items():
            both = in_blank + in_sign
            entry = grown.setdefault(text, [0.0, 0.0])
            entry[0] += both * blank
            for sign, p in alive:
                longer = grown.setdefault(text + sign, [0.0, 0.0])
                if text and text[-1] == sign:
                    entry[1] += in_sign * p
                    longer[1] += in_blank * p
                else:
                    longer[1] += both * p
        ranked = sorted(grown.items(), key=lambda kv: -(kv[1][0] + kv[1][1]))[:_BEAMS]
        beams = {text: (a, b) for text, (a, b) in ranked}
    found = [(text, a + b) for text, (a, b) in beams.items() if text]
    numbers = min(1.0, sum(p for _, p in found))
    whole = numbers + _OTHER * (1.0 - numbers)
    return tuple((t, p / whole) for t, p in found[:most] if p > _FAINT)


@cache
def recogniser() -> Recogniser:
    """The model of this process. One thread unless ``GOVREPORT_OCR_THREADS`` says otherwise."""
    said = os.environ.get("GOVREPORT_OCR_THREADS", "")
    threads = int(said) if said.isascii() and said.isdigit() and 0 < int(said) <= 64 else 1
    return Recogniser(model_path(), threads)


def line_crop(
    paper: Grey,
    box: tuple[int, int, int, int],
    within: tuple[int, int, int, int],
    letter: float,
    *,
    room: float = 1.25,
    squeeze: float = 1.0,
) -> Grey:
    """One line of a page, ``HEIGHT`` pixels high, ready for ``Recogniser.read``.

    ``box`` is the line's ink and ``within`` what may be seen around it (left, top, right, bottom
    in pixels; the rest comes out white). ``letter`` is the height of a letter of the page: a line
    of digits or a lone 一 is not blown up beyond it. ``room`` is the height of the window over
    that of the ink; ``squeeze`` below 1 narrows the line.
    """
    import cv2

    left, top, right, bottom = box
    tall = max((bottom - top) * room, letter * room * 0.95)
    side = 0.14 * tall
    y0, x0 = round((top + bottom - tall) / 2), round(left - side)
    height, width = max(2, round(tall)), max(2, round(right + side) - x0)
    canvas = np.full((height, width), 255, np.uint8)
    a, b = max(y0, within[1], 0), min(y0 + height, within[3], paper.shape[0])
    c, d = max(x0, within[0], 0), min(x0 + width, within[2], paper.shape[1])
    if a < b and c < d:
        canvas[a - y0 : b - y0, c - x0 : d - x0] = paper[a:b, c:d]
    wide = min(_WIDEST, max(8, round(width * HEIGHT / height * squeeze)))
    how = cv2.INTER_CUBIC if height < HEIGHT else cv2.INTER_AREA
    return np.asarray(cv2.resize(canvas, (wide, HEIGHT), interpolation=how), dtype=np.uint8)

"""Pictures of pages -> upright grey pages with their ink. No text recognition here.

In: bytes of PNG, JPEG, TIFF (all its pages), BMP, GIF or WebP, or arrays of grey values.
Out: ``Raster`` (grey values and resolution) and ``Ink`` (deskewed, background taken out,
thresholded). Refused: what is no picture (``UnsupportedFormatError``), more pixels or pages than
``ScanLimits`` (``LimitExceededError``), told from the header before anything is decoded.
"""

from __future__ import annotations

import io
import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from govreport_parse.errors import LimitExceededError, UnsupportedFormatError

Grey = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.uint8]
"""255 where there is ink, else 0."""

POINTS = 72.0
WORKING_DPI = 200.0
"""Pages of a higher resolution are reduced to this: the recogniser's letters are 48 px high."""
_FINEST = 230.0

MAX_SKEW = 3.0
"""Degrees that a page may be turned."""
_LEVEL = 0.04
"""Degrees that are left as they are: under a pixel and a half over the width of a page."""

_INK_LOW, _INK_HIGH = 130, 205
"""Bounds of the threshold between ink and paper, paper being 255."""
_LIGHT = 215.0
"""Smoothed values below this may be letters."""
_NOISY = 9.0
"""Grain in grey values from which a page is smoothed before it is read."""


@dataclass(frozen=True, slots=True)
class ScanLimits:
    """What one scanned document may hold."""

    max_pages: int = 60
    max_pixels: int = 50_000_000
    """Of one page; A4 at 600 dpi has 35 million."""


class Raster(NamedTuple):
    """One page as scanned: grey values (rows, columns; 255 is white) and dots per inch."""

    grey: Grey
    dpi: float


@dataclass(slots=True)
class Ink:
    """One upright page. ``paper`` has its background brought to 255."""

    paper: Grey
    mask: Mask
    """Dark ink: rulings and bold strokes."""
    letters: Mask
    """Dark and light ink, smoothed: thin strokes of letters stay whole."""
    dpi: float
    angle: float
    """Degrees by which the page was turned back."""

    @property
    def scale(self) -> float:
        """Pixels in one point."""
        return self.dpi / POINTS


def load_rasters(
    data: bytes, *, dpi_hint: float | None = None, limits: ScanLimits | None = None
) -> Iterator[Raster]:
    """The pages of a picture file, one after the other.

    The resolution is ``dpi_hint``, else what the file says if the page then has the size of a
    sheet of paper, else A4 is assumed.
    """
    from PIL import Image, ImageOps

    limits = limits or ScanLimits()
    try:
        with Image.open(io.BytesIO(data)) as picture:
            pages = getattr(picture, "n_frames", 1)
            check_pages(pages, limits)
            for number in range(pages):
                picture.seek(number)
                _check_pixels(*picture.size, limits)
                said = picture.info.get("dpi")
                upright = ImageOps.exif_transpose(picture)
                grey = _grey(upright)
                yield Raster(grey, resolution(grey.shape, dpi_hint or _said(said)))
    except LimitExceededError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_large("far more pixels", limits) from error
    except (
        OSError,
        ValueError,
        SyntaxError,
        TypeError,
        IndexError,
        KeyError,
        EOFError,
        struct.error,
        MemoryError,
        OverflowError,
    ) as error:
        raise UnsupportedFormatError(
            "the picture cannot be read",
            hint="it may be cut off or damaged: fetch it again",
            context={"reason": type(error).__name__},
        ) from error


def _said(dpi: Any) -> float | None:
    """The resolution in a file's header; ``None`` if it is none."""
    try:
        across = float(dpi[0])
    except (TypeError, ValueError, IndexError, ZeroDivisionError):
        return None
    return across if 60 <= across <= 1300 else None


def _grey(picture: Any) -> Grey:
    from PIL import Image

    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        coloured = picture.convert("RGBA")
        white = Image.new("RGBA", coloured.size, (255, 255, 255, 255))
        picture = Image.alpha_composite(white, coloured)
    if picture.mode in ("I", "I;16", "I;16B", "I;16L", "F"):
        values = np.asarray(picture, dtype=np.float32)
        top = max(float(values.max(initial=1.0)), 1.0)
        return np.asarray(values * (255.0 / top), dtype=np.uint8)
    return np.asarray(picture.convert("L"), dtype=np.uint8)


def check_pages(pages: int, limits: ScanLimits) -> None:
    """Raise ``LimitExceededError`` for too many pages."""
    if pages > limits.max_pages:
        raise LimitExceededError(
            f"the scan has {pages} pages, {limits.max_pages} allowed",
            hint="cut out the pages of the report",
            context={"pages": pages, "limit": limits.max_pages},
        )


def _check_pixels(width: int, height: int, limits: ScanLimits) -> None:
    if width * height > limits.max_pixels:
        raise _too_large(f"{width} x {height} pixels", limits)


def _too_large(what: str, limits: ScanLimits) -> LimitExceededError:
    return LimitExceededError(
        f"a page of the scan has {what}, {limits.max_pixels} allowed",
        hint="reduce it to 200 dots per inch",
        context={"limit": limits.max_pixels},
    )


def resolution(shape: tuple[int, ...], said: float | None) -> float:
    """Dots per inch: as said if the sheet then measures 4 to 20 inches, else as if it were A4."""
    short = min(shape[:2])
    if said and 4.0 <= short / said <= 20.0:
        return said
    return short / 8.27


# -- upright, white, thresholded -------------------------------------------------------------------


def prepare(raster: Raster) -> Ink:
    """Deskew a page, bring its background to white and part ink from paper."""
    import cv2

    grey, dpi = raster
    if dpi > _FINEST:
        factor = WORKING_DPI / dpi
        grey = _as_grey(cv2.resize(grey, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA))
        dpi = WORKING_DPI
    paper = whiten(grey, dpi)
    angle = find_skew(threshold(paper)[0])
    if abs(angle) > _LEVEL:
        paper = rotate(paper, angle)
    noise = noise_of(paper)
    smooth = smoothed(paper, 0.35 * dpi / POINTS * (1.5 if noise > _NOISY else 1.0))
    mask, level = threshold(smooth if noise > _NOISY else paper)
    light = min(_LIGHT, (level + 255) / 2)
    letters = _as_grey(cv2.threshold(smooth, light, 255, cv2.THRESH_BINARY_INV)[1])
    if noise > _NOISY:
        paper = smoothed(paper, 0.8)
    return Ink(paper, mask, letters, dpi, angle)


def _as_grey(values: Any) -> Grey:
    return np.asarray(values, dtype=np.uint8)


def whiten(grey: Grey, dpi: float) -> Grey:
    """Divide by the background: the brightest value nearby, smoothed."""
    import cv2

    step = max(2, round(dpi / 25))
    height, width = grey.shape
    small = cv2.resize(
        grey, (max(8, width // step), max(8, height // step)), interpolation=cv2.INTER_AREA
    )
    bright = cv2.medianBlur(cv2.dilate(small, np.ones((5, 5), np.uint8)), 5)
    background = cv2.resize(bright, (width, height), interpolation=cv2.INTER_LINEAR)
    return _as_grey(cv2.divide(grey, np.maximum(background, 40), scale=255.0))


def smoothed(paper: Grey, sigma: float) -> Grey:
    """The page blurred by a Gauss filter of ``sigma`` pixels."""
    import cv2

    return _as_grey(cv2.GaussianBlur(paper, (0, 0), sigma))


def noise_of(paper: Grey) -> float:
    """Standard deviation of the grain of the paper, in grey values."""
    import cv2

    part = paper[::2, ::2]
    smooth: Any = cv2.blur(part, (5, 5))
    bare = smooth > 235
    grain = part[bare].astype(np.float32) - smooth[bare]
    return float(grain.std()) if grain.size > 1000 else 0.0


def threshold(paper: Grey) -> tuple[Mask, float]:
    """Ink of a whitened page by Otsu's method within bounds, and the level."""
    import cv2

    level, _ = cv2.threshold(paper, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    level = min(max(level, _INK_LOW), _INK_HIGH)
    return _as_grey(cv2.threshold(paper, level, 255, cv2.THRESH_BINARY_INV)[1]), level


def find_skew(mask: Mask) -> float:
    """Degrees (counter-clockwise positive) by which text lines and rulings rise to the right.

    The angle at which the ink, projected on the vertical, is most unevenly spread.
    """
    ys, xs = np.nonzero(mask)
    if len(ys) < 200:
        return 0.0
    step = max(1, len(ys) // 150_000)
    y, x = ys[::step].astype(np.float32), xs[::step].astype(np.float32)
    x -= mask.shape[1] / 2
    best = 0.0
    for spread, fineness, grain in ((MAX_SKEW, 0.25, 2.0), (0.25, 0.05, 1.0), (0.05, 0.0125, 1.0)):
        angles = best + np.arange(-spread, spread + fineness / 2, fineness)
        scores = [_evenness(y, x, float(a), grain, mask.shape[1]) for a in angles]
        best = float(angles[int(np.argmax(scores))])
    return best


def _evenness(
    y: npt.NDArray[np.float32],
    x: npt.NDArray[np.float32],
    angle: float,
    grain: float,
    width: int,
) -> float:
    shifted = (y + x * math.tan(math.radians(angle)) + width * 0.1) / grain
    counts = np.bincount(np.maximum(shifted, 0).astype(np.int32)).astype(np.float64)
    return float((counts * counts).sum())


def rotate(paper: Grey, angle: float) -> Grey:
    """The page turned clockwise by ``angle`` degrees about its middle, white coming in."""
    import cv2

    height, width = paper.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), -angle, 1.0)
    return _as_grey(
        cv2.warpAffine(paper, turn, (width, height), flags=cv2.INTER_CUBIC, borderValue=255)
    )

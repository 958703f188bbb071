"""PDFium's functions, bound once in a process, and its lock.

Boxes and object types are asked for by calls without argument conversion: a third of the cost of
the generated bindings. PDFium is not thread-safe: ``LOCK`` is held while a document is open.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache
from threading import Lock
from typing import Any, Final

from govreport_parse.documents import pdf_hidden

LOCK: Final = Lock()
BATCH: Final = 4096
"""Boxes that are asked for in one go."""


class Handle(ctypes.c_void_p):
    """A result type that stays a pointer object and so can be passed on unconverted."""


class Api:
    """PDFium's functions, those of the inner loops bound without argument conversion."""

    def __init__(self) -> None:
        import pypdfium2  # noqa: F401  (initialises the library)
        from pypdfium2 import raw

        self.raw: Any = raw
        self.get_object = self._bind("FPDFPage_GetObject", Handle)
        self.form_object = self._bind("FPDFFormObj_GetObject", Handle)
        self.kind = self._bind("FPDFPageObj_GetType", ctypes.c_int)
        self.bounds = self._bind("FPDFPageObj_GetBounds", ctypes.c_int)
        self.draw_mode = self._bind("FPDFPath_GetDrawMode", ctypes.c_int)
        self.count_segments = self._bind("FPDFPath_CountSegments", ctypes.c_int)
        self.segment = self._bind("FPDFPath_GetPathSegment", Handle)
        self.segment_point = self._bind("FPDFPathSegment_GetPoint", ctypes.c_int)
        self.segment_type = self._bind("FPDFPathSegment_GetType", ctypes.c_int)
        self.segment_close = self._bind("FPDFPathSegment_GetClose", ctypes.c_int)
        self.matrix = self._bind("FPDFPageObj_GetMatrix", ctypes.c_int)
        self.loose_box = self._bind("FPDFText_GetLooseCharBox", ctypes.c_int)
        self.char_box = self._bind("FPDFText_GetCharBox", ctypes.c_int)
        self.char_angle = self._bind("FPDFText_GetCharAngle", ctypes.c_float)
        self.is_generated = self._bind("FPDFText_IsGenerated", ctypes.c_int)
        self.is_unmapped = self._bind("FPDFText_HasUnicodeMapError", ctypes.c_int)
        self.hidden = pdf_hidden.Calls(self._bind, Handle)
        self.boxes = (ctypes.c_float * (4 * BATCH))()
        start = ctypes.addressof(self.boxes)
        self.slots = [ctypes.c_void_p(start + 16 * i) for i in range(BATCH)]
        self.values: Any = memoryview(self.boxes).cast("B").cast("f")
        self.sides = [
            [ctypes.c_void_p(start + 16 * i + 4 * k) for i in range(BATCH)] for k in range(4)
        ]

    def _bind(self, name: str, result: Any) -> Callable[..., Any]:
        address = ctypes.cast(getattr(self.raw, name), ctypes.c_void_p).value
        return ctypes.PYFUNCTYPE(result)(address)  # type: ignore[arg-type]


@cache
def pdfium() -> Api:
    """The functions, bound when they are first needed."""
    return Api()

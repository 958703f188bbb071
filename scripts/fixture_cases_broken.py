from __future__ import annotations

from collections.abc import Callable

from fixture_case import Case

BROKEN_CASES: list[Callable[[], Case]] = []

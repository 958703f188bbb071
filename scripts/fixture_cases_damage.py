from __future__ import annotations

from collections.abc import Callable

from fixture_case import Case

DAMAGE_CASES: list[Callable[[], Case]] = []

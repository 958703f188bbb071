"""Documents parsed in killable child processes: what the rest of the package uses of it.

``isolated`` is the supervisor's face, ``pool``, ``link`` and ``slot`` its parts; ``server`` and
``child`` run in the processes; ``wire``, ``record``, ``places`` and ``parts`` are the language
between the two, ``sandbox`` and ``verdicts`` the limits and what breaking one is called.
"""

from govreport_parse.workers.isolated import (
    WorkerLimits,
    is_available,
    keep,
    page_count,
    parse_isolated,
)

__all__ = ["WorkerLimits", "is_available", "keep", "page_count", "parse_isolated"]

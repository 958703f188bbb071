"""What holds for every test, however fast or busy the machine is.

Examples of the property tests are the same in every run, and none of them is too slow: a test that
finds something new on one run in a hundred, or only on a busy machine, tells nobody what he broke.
``--hypothesis-profile=default`` looks for new ones.
"""

from __future__ import annotations

from hypothesis import HealthCheck, settings

settings.register_profile(
    "repeatable",
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("repeatable")

"""The state of a harvest: what is known, what is done, and where it lies in the archive.

One SQLite file beside the archive. A page counts as done only from the commit that follows its
bytes onto the disk; opening the folder cuts away what came after the last commit.
"""

from govreport_parse.fetch.state.checking import verify_harvest
from govreport_parse.fetch.state.groups import Group, Missed
from govreport_parse.fetch.state.opening import open_state, open_state_readonly
from govreport_parse.fetch.state.rebuild import rebuild_state
from govreport_parse.fetch.state.recording import store_answer
from govreport_parse.fetch.state.rows import (
    Capture,
    Claim,
    Done,
    SourceOutcome,
    Summary,
    Target,
)
from govreport_parse.fetch.state.schema import version_note
from govreport_parse.fetch.state.store import State

__all__ = [
    "Capture",
    "Claim",
    "Done",
    "Group",
    "Missed",
    "SourceOutcome",
    "State",
    "Summary",
    "Target",
    "open_state",
    "open_state_readonly",
    "rebuild_state",
    "store_answer",
    "verify_harvest",
    "version_note",
]

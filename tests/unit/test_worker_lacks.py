"""A worker without what the store of the inputs needs says what, where, and the mend."""

from __future__ import annotations

import socket
import sys

import pytest

from govreport_parse.cluster import list_store
from govreport_parse.errors import GovReportError


def test_a_process_without_fsspec_names_itself_and_the_mend(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "fsspec", None)
    with pytest.raises(GovReportError) as caught:
        list(list_store("memory://bucket/*.html"))
    assert f"{socket.gethostname()!r} lacks fsspec" in caught.value.message
    assert caught.value.hint == "install the same packages on every machine that works"
    assert caught.value.context["reason"] == "worker_lacks"

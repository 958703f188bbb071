"""The bundled site answers as its site.json says."""

from __future__ import annotations

import hashlib
import urllib.error
import urllib.request

import pytest

from govreport_parse import bundled_site


def test_the_reports_of_the_bundled_site_are_served_byte_for_byte() -> None:
    with bundled_site.serve() as site:
        assert len(site.reports) == 6
        for report in site.reports:
            with urllib.request.urlopen(site.url + report["path"]) as answer:
                assert hashlib.sha256(answer.read()).hexdigest() == report["sha256"]
        with urllib.request.urlopen(site.start) as answer:
            page = answer.read().decode()
        assert site.requests == [*(r["path"] for r in site.reports), "/zwgk/ndbg/"]
    assert "下一页" in page


def test_what_is_not_there_is_404_and_the_port_is_free_afterwards() -> None:
    with bundled_site.serve() as site, pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(site.url + "/none")
    with caught.value as answer:
        assert answer.code == 404
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(site.start, timeout=60)

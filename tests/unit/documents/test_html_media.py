"""Style sheets for other media than the screen hide nothing."""

from __future__ import annotations

import pytest

from govreport_parse import parse, sample_paths

HIDES = "td {display: none}"


def page(style: str) -> bytes:
    with sample_paths() as paths:
        return paths[0].read_bytes().replace(b"</head>", f"{style}</head>".encode())


@pytest.mark.parametrize("media", ["print", "(max-width: 600px)", "screen and (min-width: 9999px)"])
def test_cells_hidden_in_print_or_on_some_screens_only_are_read(media: str) -> None:
    report = parse(page(f'<style media="{media}">{HIDES}</style>'))
    assert report.completeness["reported"] == 200
    assert report.findings == parse(page("")).findings


@pytest.mark.parametrize(
    "style", [f"<style>{HIDES}</style>", f'<style media="ALL">{HIDES}</style>']
)
def test_the_same_for_every_screen_is_told(style: str) -> None:
    assert parse(page(style)).findings != parse(page("")).findings

"""The issue templates ask for what makes a report of ours a fixture: figure, value, source."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

FOLDER = Path(__file__).parents[2] / ".github" / "ISSUE_TEMPLATE"
KINDS = {"markdown", "input", "textarea", "dropdown", "checkboxes"}


def template(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((FOLDER / name).read_text("utf-8"))
    return found


@pytest.mark.parametrize("name", ["wrong_figure.yml", "not_read.yml"])
def test_a_template_is_one_that_the_host_takes(name: str) -> None:
    made = template(name)
    assert {"name", "description", "body"} <= set(made)
    assert all(part["type"] in KINDS for part in made["body"])
    ids = [part["id"] for part in made["body"] if part["type"] != "markdown"]
    assert len(ids) == len(set(ids)) > 0
    assert all(part["attributes"].get("label") for part in made["body"] if "id" in part)


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("wrong_figure.yml", {"figure", "expected", "found", "source", "version"}),
        ("not_read.yml", {"source", "message", "expected", "version"}),
    ],
)
def test_what_is_needed_is_required(name: str, asked: set[str]) -> None:
    required = {
        part["id"] for part in template(name)["body"] if part.get("validations", {}).get("required")
    }
    assert asked <= required

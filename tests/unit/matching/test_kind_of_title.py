"""Yearly reports that are of another matter: the title alone makes them no report of ours."""

from __future__ import annotations

import pytest

from govreport_parse.matching.titles import kind_of_title


@pytest.mark.parametrize(
    "title", ["清溪县财政局2023年度总结报告", "2023年度工作报告", "关于清溪县2023年度报告"]
)
def test_a_yearly_report_without_our_words_is_unknown(title: str) -> None:
    assert kind_of_title(title) == ("unknown", "")


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("清溪县财政局2023年度信息公开报告", "公开报告"),
        ("清溪县财政局2023年年报", "年报"),
        ("政府信息公开2023年度报告", "公开2023年度报告"),
    ],
)
def test_either_of_our_words_makes_it_a_report(title: str, words: str) -> None:
    assert kind_of_title(title) == ("report", words)

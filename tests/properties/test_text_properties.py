"""Folds, shadow, repair and decoding on generated texts: exact maps, fixed points, no errors."""

from __future__ import annotations

import contextlib
import string
import unicodedata

from hypothesis import example, given, settings
from hypothesis import strategies as st

from govreport_parse.decode.charset import decode_text
from govreport_parse.decode.sniff import sniff
from govreport_parse.errors import UnknownEncodingError
from govreport_parse.script import is_traditional, to_simplified
from govreport_parse.text import fold, label_key, shadow
from govreport_parse.text_repair import repair

# Stretches that trigger every branch, mixed with arbitrary characters.
PARTS = (
    "發 (fā) （fā） (fa) (fa)(fa) 政(zheng)(zheng) 公(gong) 開(kai) 程式 程 式 附屬檔案 附屬 檔案"
    " ㈠ ⒈ ① \u200b \ufeff ( ) （ ?！敝贫? ? \ufffd ！ 。ㄗ灾 l(fā) 三審三?！敝贫?， 乾縣 \u3000"
    " \u00a0 \n ？\n 規範性檔案 ⻓ \ud800 \uffff 𠂇 a 1 １ “ ” —"
)
PIECES = st.sampled_from([*PARTS.split(" "), " "])
TEXTS = st.lists(st.one_of(PIECES, st.text(max_size=3)), max_size=25).map("".join)
HAN = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=1)
many = settings(max_examples=400, deadline=None)


@many
@given(TEXTS)
@example("公(gong)(x)开(kai)")
@example("发(fa)(fa)(fā)(fa)(fa)")
@example("程(chéng)式(xu)(xu)")
@example("程·式 附·屬檔案")
def test_fold_and_label_key_never_raise_and_are_idempotent(text: str) -> None:
    once = fold(text)
    assert fold(once) == once
    key = label_key(text)
    assert label_key(key) == key
    assert label_key(once) == key
    assert not any(c.isspace() for c in once)
    assert not any(unicodedata.category(c)[0] in "PZ" for c in key)


@many
@given(TEXTS)
def test_cached_and_long_texts_fold_alike(text: str) -> None:
    padding = "。" * 201
    assert fold(padding + text) == padding + fold(text)


@many
@given(TEXTS)
def test_shadow_offsets_are_exact(text: str) -> None:
    view = shadow(text)
    offsets = [view.raw_offset(i) for i in range(len(view.text) + 1)]
    assert offsets == sorted(offsets)
    assert offsets[-1] == len(text)
    words = ("程序", "附件", "规范性文件")
    inside_word = {
        i
        for word in words
        for at in range(len(view.text))
        if view.text.startswith(word, at)
        for i in range(at, at + len(word))
    }
    for i, c in enumerate(view.text):
        if i not in inside_word and not c.isspace():
            # The one raw character that stands there folds to it, or to an expansion with it.
            assert c in fold(text[offsets[i]])
    joined = "".join(view.raw_slice(i, i + 1) for i in range(len(view.text)))
    # Expanded characters repeat their raw one; apart from that, slices tile the raw text.
    if len(set(offsets)) == len(offsets):
        assert joined == text[offsets[0] :]


@many
@given(TEXTS)
def test_shadow_keeps_white_space_and_folds_the_rest(text: str) -> None:
    view = shadow(text)
    assert view.raw is text
    assert view.text.count("\n") >= text.count("\n")
    if "(" not in fold(text) and "(" not in view.text:
        assert fold(view.text) == fold(text)


@many
@given(TEXTS)
def test_repairs_replay_from_the_raw_text(text: str) -> None:
    result = repair(text)
    out, at = "", 0
    for fix in result.repairs:
        assert fix.start >= at
        assert text[fix.start : fix.end] == fix.before
        out += text[at : fix.start] + fix.after
        at = fix.end
    assert out + text[at:] == result.text
    assert all(text[d.start : d.end] == d.text for d in result.damage)
    assert len(text) - len(result.text) <= sum(len(r.before) for r in result.repairs)


@given(st.text(st.sampled_from(string.printable + "公开政府信息，。“”《》（）"), max_size=80))
def test_texts_without_pinyin_or_damage_are_left(text: str) -> None:
    if "?!" not in text and "(" not in text and "（" not in text:
        assert repair(text).text == text


@many
@given(TEXTS)
def test_script_functions_never_raise(text: str) -> None:
    assert isinstance(to_simplified(text), str)
    if not is_traditional(text):
        assert to_simplified(text) == text


REPORT = "本机关主动公开政府信息，全年收到公开申请十二件，均已按时办结，未发生行政复议和行政诉讼。"


@many
@given(HAN)
def test_any_han_text_behind_a_report_sentence_survives_each_encoding(han: str) -> None:
    for encoding in ("utf-8", "gb18030", "utf-16"):
        assert decode_text((REPORT + han).encode(encoding)).text == REPORT + han


@many
@given(st.binary(max_size=200))
@example(b"\xff\xfe\x00")
@example(b"\x84\x31\x95\x33\xff")
@example(b"\0a\0b\0")
def test_no_bytes_raise_anything_but_our_error(data: bytes) -> None:
    sniff(data)
    try:
        result = decode_text(data, declared="gbk")
    except UnknownEncodingError:
        return
    assert result.text.encode("utf-8").decode() == result.text


@many
@given(st.binary(max_size=40), st.integers(0, 46))
def test_foreign_bytes_inside_a_report_never_raise_foreign_errors(data: bytes, at: int) -> None:
    for encoding in ("utf-8", "gbk"):
        mixed = REPORT[:at].encode(encoding) + data + REPORT[at:].encode(encoding)
        with contextlib.suppress(UnknownEncodingError):
            assert decode_text(mixed).encoding

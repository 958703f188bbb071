"""Folds, shadow and repairs. Expected texts were written by hand from the domain guide, 4."""

from __future__ import annotations

import sys
import tomllib
from importlib import resources
from pathlib import Path

import pytest
from growth import assert_linear

from govreport_parse import script as script_module
from govreport_parse.script import common_han_share, is_traditional, to_simplified
from govreport_parse.text import fold, label_key, shadow
from govreport_parse.text_repair import repair

SEED = Path(__file__).parents[3] / "shared/seeds/000_3ea8f27b72d60eb4.txt"


# --- fold and label_key ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "folded"),
    [
        ("（一）予以公开", "(一)予以公开"),
        ("商业\n 企业", "商业企业"),
        ("科研\u00a0\u3000机构", "科研机构"),
        ("\ufeff总\u200b计\u00ad", "总计"),
        ("１．属于国家秘密", "1.属于国家秘密"),
        ("⒈属于国家秘密", "1.属于国家秘密"),
        ("㈠予以公开", "(一)予以公开"),
        ("危及“三安全一稳定”", '危及"三安全一稳定"'),
        ("危及「三安全一穩定」", '危及"三安全一稳定"'),
        ("收費金額﹙單位：萬元﹚", "收费金额(单位:万元)"),
        ("本年增／减—", "本年增/减-"),
        ("規(guī)章", "规章"),
        ("行政事業(yè)性收費", "行政事业性收费"),
        ("行政規（guī）范性文件", "行政规范性文件"),
        ("勾稽關係", "勾稽关系"),
        ("複議後起訴", "复议后起诉"),
        ("復議后起訴", "复议后起诉"),
        ("全麵、製定、於、標準", "全面、制定、于、标准"),
        ("規範性檔案", "规范性文件"),
        ("受理程式", "受理程序"),
        ("附屬檔案", "附件"),
        ("⾏政⻓⽤⼾⼀⻚", "行政长用户一页"),
        ("\uf9b5\ufa0c", "例兀"),
        ("", ""),
        (" \t\r\n", ""),
    ],
)
def test_fold_gives_the_one_form_of_a_label(raw: str, folded: str) -> None:
    assert fold(raw) == folded


@pytest.mark.parametrize(
    ("raw", "key"),
    [
        ("（一）予以公开", "一予以公开"),
        ("1．属于国家秘密", "1属于国家秘密"),
        ("危及“三安全一稳定”", "危及三安全一稳定"),
        ("本年增/减", "本年增减"),
        (
            "部分公開（區(qū)分處理的，只計這一情形，不計其他情形）",
            "部分公开区分处理的只计这一情形不计其他情形",
        ),
        ("第二十条第（八）项", "第二十条第八项"),
        ("二〇二三年", "二〇二三年"),
        ("程·式", "程序"),
        ("——", ""),
    ],
)
def test_label_key_keeps_han_letters_and_digits_alone(raw: str, key: str) -> None:
    assert label_key(raw) == key


def test_every_traditional_spelling_of_the_guide_folds_to_its_simplified_character() -> None:
    pairs = (
        "發发 規规 穩稳 態态 監监 業业 區区 執执 續续 縣县 鎮镇 鄉乡 廳厅 號号 導导 質质 優优 礎础"
    )
    for traditional, simplified in pairs.split():
        assert fold(traditional) == simplified


@pytest.mark.parametrize(
    "plain",
    [
        "距离(km)",
        "附件(pdf)",
        "客户端(ios)",
        "公开(A)",
        "案(an)卷",
        "数(2)",
        "见附表(a)(b)",
        "甲(a)(a)",
    ],
)
def test_parentheses_that_are_no_pinyin_stay(plain: str) -> None:
    assert fold(plain) == plain


@pytest.mark.parametrize(
    "glossed",
    [
        "政(zheng)(zheng)府",
        "政（zheng）（zheng）府（fu）（fu）",
        "公(gong)開(kai)申(shen)请",
        "政(zhèng)(zheng)(zheng)府",
        "政(zhe\u0300ng)府",
    ],
)
def test_pinyin_goes_where_it_can_be_nothing_else(glossed: str) -> None:
    assert "(" not in fold(glossed)


def test_a_lone_syllable_without_tone_stays_and_many_go() -> None:
    assert fold("按(an)件收费") == "按(an)件收费"
    twenty = "公(gong)开(kai)" * 10
    assert fold(twenty + "附件(pdf)") == "公开" * 10 + "附件(pdf)"


def test_polyphonic_characters_are_known_in_each_reading() -> None:
    assert fold("行(xing)长(zhang)重(chong)") == "行长重"
    assert fold("行(hang)长(chang)重(zhong)") == "行长重"


def test_each_character_of_the_basic_plane_folds_to_a_fixed_point() -> None:
    moving = [c for c in map(chr, range(0x10000)) if fold(fold(c)) != fold(c)]
    assert moving == []


def test_simplified_characters_are_not_touched() -> None:
    level_one = bytes(
        b for row in range(0xB0, 0xD8) for cell in range(0xA1, 0xFF) for b in (row, cell)
    )
    han = level_one.decode("gb2312", "ignore")
    assert len(han) == 3755
    # 覆 is the one character of simplified text that labels fold (答覆).
    assert {c for c in han if fold(c) != c} == {"覆"}


def test_word_folds_hold_no_other_word() -> None:
    data = resources.files("govreport_parse").joinpath("data", "folds.toml").read_text("utf-8")
    words = tomllib.loads(data)["words"]
    for form in words.values():
        assert fold(form) == form


# --- shadow ---------------------------------------------------------------------------------


def test_a_plain_text_is_its_own_shadow() -> None:
    view = shadow("一、总体情况\n2023年")
    assert view.text == view.raw
    assert [view.raw_offset(i) for i in range(len(view.text) + 1)] == list(range(12 + 1))


def test_shadow_keeps_lines_and_blanks_and_maps_back_over_glosses() -> None:
    view = shadow("行政規(guī)范性　文件\r\n二、主動\u00a0公開")
    assert view.text == "行政规范性 文件\r\n二、主动 公开"
    at = view.text.index("规范性")
    assert view.raw_slice(at, at + 3) == "規(guī)范性"
    at = view.text.index("主动")
    assert view.raw[view.raw_offset(at) :] == "主動\u00a0公開"
    assert view.raw_slice(at, at + 5) == "主動\u00a0公開"


def test_shadow_maps_invisible_expanded_and_shortened_stretches() -> None:
    view = shadow("\ufeff㈠予\u200b以公開，附屬檔案。")
    assert view.text == "(一)予以公开,附件。"
    assert [view.raw_offset(i) for i in range(3)] == [1, 1, 1]
    assert view.raw_offset(3) == 2
    assert view.raw_offset(4) == 4
    assert view.raw_slice(8, 10) == "附屬檔案"
    assert view.raw_slice(10, 99) == "。"


def test_shadow_finds_glosses_split_by_invisible_characters() -> None:
    view = shadow("規\u200b(gu\u200bī)章、程(chéng)式")
    assert view.text == "规章、程序"
    assert view.raw_slice(3, 5) == "程(chéng)式"


def test_adjoining_slices_of_a_shadow_join_to_the_raw_text() -> None:
    raw = "業(yè)績(jì)㈠\u200b附屬檔案(fù)，公(gong)(gong)開"
    view = shadow(raw)
    assert "".join(view.raw_slice(i, i + 1) for i in range(len(view))) == raw


def test_shadow_refuses_offsets_outside() -> None:
    view = shadow("公開")
    assert view.raw_offset(2) == 2
    for outside in (-1, 3):
        with pytest.raises(IndexError):
            view.raw_offset(outside)
    assert view.raw_slice(1, 1) == ""


# --- repair ---------------------------------------------------------------------------------


def gbk_splitter(text: str, delimiters: str, lone: str = "?") -> str:
    """The damage of the guide, 4.3: GBK bytes cut at delimiter bytes, pieces decoded in pairs."""
    marks = [d.encode("gbk") for d in delimiters]
    pieces: list[bytes] = [b""]
    data = text.encode("gbk")
    at = 0
    while at < len(data):
        if data[at : at + 2] in marks:
            pieces += [data[at : at + 2], b""]
            at += 2
        else:
            pieces[-1] += data[at : at + 1]
            at += 1
    return "".join(_pairs(p, lone) for p in pieces)


def _pairs(piece: bytes, lone: str) -> str:
    out, at = "", 0
    while at < len(piece):
        if piece[at] < 0x80:
            out, at = out + chr(piece[at]), at + 1
        elif at + 1 == len(piece):
            out, at = out + lone, at + 1
        else:
            out, at = out + piece[at : at + 2].decode("gbk", "ignore"), at + 2
    return out


def test_known_phrases_are_what_the_splitter_makes_of_the_original() -> None:
    assert gbk_splitter("三审三校”制度，", "，。！？") == "三审三?！敝贫?，"
    assert gbk_splitter("校”制度，切實做好信息發布前", "。！？") == "?！敝贫龋袑嵶龊眯畔l布前"
    assert gbk_splitter("省（自治區", "。", lone="") == "。ㄗ灾螀^"


@pytest.mark.parametrize(
    ("damaged", "mended"),
    [
        ("落实“三审三?！敝贫?，确保准确", "落实“三审三校”制度，确保准确"),
        ("落實“三審三?!敝贫?,確保準確", "落實“三審三校”制度,確保準確"),
        ("落实“三审三\ufffd！敝贫\ufffd，确保", "落实“三审三校”制度，确保"),
        ("“三審三?！敝贫龋袑嵶龊眯畔l(fā)布前審查", "“三審三校”制度，切實做好信息發布前審查"),
        ("各。ㄗ灾螀^(qū)、直轄市", "各省（自治區、直轄市"),
    ],
)
def test_known_mojibake_is_mended_and_logged(damaged: str, mended: str) -> None:
    result = repair(damaged)
    assert result.text == mended
    assert [r.kind for r in result.repairs] == ["mojibake"]
    fix = result.repairs[0]
    assert damaged[fix.start : fix.end] == fix.before
    assert damaged[: fix.start] + fix.after + damaged[fix.end :] == mended
    assert len(result.damage) == 1


@pytest.mark.parametrize(
    "original",
    [
        "推行“政务进校”制度，取得成效。",
        "统筹牵、建设资金、落实到位，完成。",
        "明确分工校、规定，确保公开。",
        "依法审核校《条例》的规定，确保公开。",
        "推进希《规定》和政策解读。",
        "坚持服务规模“两个确保”，推动落实。",
    ],
)
def test_unknown_mojibake_is_flagged_and_left(original: str) -> None:
    damaged = gbk_splitter(original, "，。！？")
    assert damaged != original
    result = repair(damaged)
    assert result.text == damaged
    assert result.damage
    for d in result.damage:
        assert damaged[d.start : d.end] == d.text


def test_damage_names_kind_and_place() -> None:
    damaged = "本局落实值班?！敝贫?，信息l(fā)布；全省。ㄗ灾卫"
    kinds = [(d.kind, d.text) for d in repair(damaged).damage]
    assert kinds == [
        ("shifted_bytes", "?！敝贫?"),
        ("cut_character", "l(fā)"),
        ("bopomofo", "。ㄗ灾卫"),
    ]


@pytest.mark.parametrize(
    "prose",
    [
        "他问：“怎么办?!”群众说好。",
        "怎么办?!大家都说好。",
        "真的吗？！我们认为可以。",
        "能不能公开?!不能!",
        "谁来管?!各部门都要管。",
        "“好!”大家说。",
        "什么?！公开了。",
        "如何?!把工作做好。",
        "谁?!安",
        "多少?!不",
        "见附件(pdf)，网址http://www.example.gov.cn/?a=1!b",
        "A(a)，B(b)。",
        "",
    ],
)
def test_ordinary_prose_is_neither_damaged_nor_repaired(prose: str) -> None:
    result = repair(prose)
    assert (result.text, result.repairs, result.damage) == (prose, (), ())


def test_glosses_and_invisible_characters_are_removed_with_their_places() -> None:
    raw = "規(guī)范\u200b\u200b發（fā）布，政(zheng)(zheng)府"
    result = repair(raw)
    assert result.text == "規范發布，政府"
    assert [(r.kind, r.before) for r in result.repairs] == [
        ("gloss", "(guī)"),
        ("zero_width", "\u200b\u200b"),
        ("gloss", "（fā）"),
        ("gloss_plain", "(zheng)"),
        ("gloss_plain", "(zheng)"),
    ]
    assert all(raw[r.start : r.end] == r.before for r in result.repairs)


def test_lines_of_question_marks_go_only_where_a_mirror_made_them() -> None:
    mirrored = "一、總體情況\n??\n?\n全年公開555條?\n"
    result = repair(mirrored)
    assert result.text == "一、總體情況\n\n\n全年公開555條?\n"
    assert [r.kind for r in result.repairs] == ["question_mark_nbsp"] * 2
    assert repair("一、总体情况\n??\n").text == "一、总体情况\n??\n"


@pytest.mark.long  # measures time: not for a busy machine
@pytest.mark.parametrize(
    "attack",
    [
        "規(guī)\n{}x",
        "總計 ?{}",
        "發{}",
        "{}",
    ],
)
@pytest.mark.parametrize(
    "unit",
    ["?", " ?", "(fā)", "(fa)", "(", "?!敝", "。ㄗ", "l(fā)", "發(fa", "程式", "\u200b", "㈠("],
)
def test_time_grows_with_length_alone(attack: str, unit: str) -> None:
    def work(n: int) -> None:
        text = attack.format(unit * n)
        fold(text)
        shadow(text)
        repair(text)

    assert_linear(work, 32_000)


def test_script_and_width_of_prose_are_left() -> None:
    raw = "㈠２０２３年，我局主動公開：①規章"
    assert repair(raw).text == raw


@pytest.mark.skipif(not SEED.exists(), reason="shared seed not present")
def test_seed_has_38_glosses_on_9_characters_and_one_damage() -> None:
    raw = SEED.read_text("utf-8")
    result = repair(raw)
    glosses = [r for r in result.repairs if r.kind == "gloss"]
    assert len(glosses) == 38
    assert {raw[r.start - 1] for r in glosses} == set("發規穩態監業區執續")
    assert [r.after for r in result.repairs if r.kind == "mojibake"] == ["校”制度"]
    assert len(result.damage) == 1
    assert len(result.repairs) == 39


# --- script ---------------------------------------------------------------------------------


def test_traditional_text_is_told_from_simplified() -> None:
    assert is_traditional("本局主動公開政府信息")
    assert is_traditional("總計")
    assert not is_traditional("本局主动公开政府信息，乾县与於潜镇答复已覆盖，著名")
    assert not is_traditional("2023 annual report")
    assert not is_traditional("")
    # One quoted title in a simplified page does not make it traditional.
    assert not is_traditional("本局主动公开政府信息" * 10 + "《總體》")


@pytest.fixture
def _without_opencc(monkeypatch: pytest.MonkeyPatch) -> object:
    script_module._opencc.cache_clear()
    monkeypatch.setitem(sys.modules, "opencc", None)
    yield
    script_module._opencc.cache_clear()


@pytest.mark.usefixtures("_without_opencc")
def test_prose_is_simplified_without_the_extra_character_by_character() -> None:
    assert to_simplified("關於總體情況的說明，覆蓋乾縣") == "关於总体情况的说明，覆盖乾县"


def test_simplified_prose_is_never_converted() -> None:
    for prose in ("乾县人民政府公开信息", "於潜镇年度报告"):
        assert to_simplified(prose) == prose


def test_opencc_keeps_place_names_of_both_scripts() -> None:
    pytest.importorskip("opencc")
    script_module._opencc.cache_clear()
    assert to_simplified("乾縣與於潛鎮的報告關於乾淨") == "乾县与於潜镇的报告关于干净"


def test_share_of_frequent_characters_tells_chinese_from_mojibake() -> None:
    prose = "本机关全年主动公开政府信息，收到公开申请，均按时办结，未发生行政复议和行政诉讼。"
    n, share = common_han_share(prose)
    assert n == 36
    assert share > 0.8
    assert common_han_share(prose.encode().decode("gb18030", "replace"))[1] < 0.2
    assert common_han_share("abc") == (0, 0.0)


@pytest.mark.parametrize(
    ("damaged", "kind"),
    [
        ("全省。ㄗ灾?！敝贫?，信息", "bopomofo"),
        ("值班?！敝贫龋袑嵶龊眯畔l(fā)布", "shifted_bytes"),
    ],
)
def test_damage_that_touches_is_one_stretch_of_the_first_kind(damaged: str, kind: str) -> None:
    (one,) = repair(damaged).damage
    assert one.kind == kind
    assert damaged[one.start : one.end] == one.text
    assert damaged[: one.start] in ("全省", "值班")
    assert damaged[one.end :] in ("，信息", "布")

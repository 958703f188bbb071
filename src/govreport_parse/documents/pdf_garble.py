"""Text whose characters are others than those on the page.

Fonts without a map to Unicode, or with a wrong one, give glyph numbers for characters: control
signs, accented letters, rare ideographs. No page of a Chinese report goes without the commonest
characters, so a page that holds many others and hardly one of these is not to be trusted.
"""

from __future__ import annotations

import re

__all__ = ["is_garbled"]

_LEAST = 30
"""Characters beyond ASCII from which a page can be judged; a stamp and a page number have fewer."""
_SHARE = 0.04
"""Of them at least so many are common ones; text has some 30 %, chance some 1 %."""
_FOREIGN = re.compile(r"[^\x00-\xa0\u2000-\u206f\u3000-\u303f\uff00-\uffef]")
_COMMON = re.compile(
    "[一二三四五六七八九十的是在有和了不人中大为上个国我以要他时来用们生到作地于出就分对成会可主"
    "发年动同工也能下过子说产种面而方后多定行学法所民得经之进部度家电力里如水化高自理起小物现实"
    "加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平形相全表间样与关"
    "各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很情者最立代"
    "想已通并提直题党程展果料象员革位入常文总次品式活设及管特件长求老头基资边流路级少图山统接知较"
    "将组见计别手角期根论运农指几区强放决西被信息府请申议复诉讼机关他開報請發與規個為數關業無]"
)
_USUAL = frozenset(_COMMON.pattern[1:-1])
_CLEAR = 40
"""Different common characters that no chance brings together: the usual page, seen at once."""
_OTHER_SCRIPTS = re.compile(
    r"[\u0400-\u052f\u0600-\u06ff\u0f00-\u0fff\u1800-\u18af\u3040-\u30ff\uac00-\ud7a3\ufb50-\ufdff]"
)
"""Cyrillic, Arabic (Uyghur), Tibetan, Mongolian, kana, Hangul: pages in them are no damage."""


def is_garbled(text: str) -> bool:
    """Whether the characters of a page can't be what is printed on it."""
    if text.isascii() or len(_USUAL.intersection(text)) >= _CLEAR:
        return False
    beyond = len(_FOREIGN.findall(text))
    if beyond < _LEAST or len(_COMMON.findall(text)) >= _SHARE * beyond:
        return False
    return 2 * len(_OTHER_SCRIPTS.findall(text)) < beyond

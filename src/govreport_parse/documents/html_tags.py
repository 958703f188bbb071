"""What kinds of element the HTML reader tells apart, by the parser's numbers for their tags.

A number costs one call into the tree, a name two and a string.
"""

from __future__ import annotations

from selectolax.lexbor import LexborHTMLParser

TEXT, SKIP, BREAK, BLOCK, LEAF, P, TABLE, IMAGE, PRE, CHROME, FIELD, INLINE = range(12)

_UNREAD = """
    script style select textarea noscript iframe template svg object embed audio video canvas
    noembed noframes datalist rt rp head title meta link base col colgroup
"""
_BLOCKS = """
    div article main section ul ol dl menu dir center blockquote form fieldset legend figure
    figcaption address details summary body html frameset thead tbody tfoot tr td th caption
    hgroup search dialog marquee button optgroup option
"""
_KINDS: dict[int, tuple[str, ...]] = {
    SKIP: tuple(_UNREAD.split()),
    BREAK: ("br", "hr"),
    BLOCK: tuple(_BLOCKS.split()),
    LEAF: ("li", "dt", "dd", "h1", "h2", "h3", "h4", "h5", "h6"),
    P: ("p",),
    TABLE: ("table",),
    IMAGE: ("img",),
    FIELD: ("input",),
    PRE: ("pre", "xmp", "listing", "plaintext"),
    CHROME: ("nav", "header", "footer", "aside"),
}


def _kinds_by_id() -> tuple[dict[int, int], dict[str, int], dict[int, int]]:
    """Kind by the parser's number for a tag, that number by name, heading level by number."""
    maker = LexborHTMLParser("")
    ids = {
        name: maker.create_node(name).tag_id
        for names in (*_KINDS.values(), ("frame", "th"))
        for name in names
    }
    kinds = {ids[name]: kind for kind, names in _KINDS.items() for name in names}
    sample = LexborHTMLParser("<p>x<!--x--></p>").css_first("p")
    assert sample is not None
    children = list(sample.iter(include_text=True))
    kinds[children[0].tag_id] = TEXT
    kinds[children[1].tag_id] = SKIP
    return kinds, ids, {ids[f"h{level}"]: level for level in range(1, 7)}


KIND, _ID, LEVEL = _kinds_by_id()
TD, TH, TR, P_TAG = _ID["td"], _ID["th"], _ID["tr"], _ID["p"]
PLAIN = (P_TAG, next(tag for tag, kind in KIND.items() if kind == TEXT))
THEAD, TFOOT, CAPTION = _ID["thead"], _ID["tfoot"], _ID["caption"]
NAMED = frozenset(_ID[name] for name in ("div", "article", "main", "section", "ul", "ol", "td"))
SCRIPT, META, TITLE, IFRAME, FRAME = (
    _ID[name] for name in ("script", "meta", "title", "iframe", "frame")
)
LISTS = frozenset(_ID[name] for name in ("ul", "ol", "dl"))
HIDES_TEXT = frozenset(_ID[name] for name in _KINDS[SKIP])
INK = frozenset(
    _ID[name]
    for name in ("script", "textarea", "select", "svg", "object", "embed", "canvas", "iframe")
) | {_ID["video"], _ID["audio"]}
MARKING = HIDES_TEXT | {
    _ID[name] for name in ("br", "hr", "img", "table", "form", "input", *_KINDS[PRE])
}
KNOWN_IDS = 4096  # larger numbers belong to tags that HTML does not know

"""What the tests of the review page share: a parsed page, its skeleton, hostile strings."""

from __future__ import annotations

import json
from itertools import product
from typing import Any

from selectolax.lexbor import LexborHTMLParser, LexborNode

Skeleton = list[tuple[int, str, tuple[str, ...]]]


def skeleton(page: str) -> Skeleton:
    """Depth, tag and attribute names of every element, in order."""
    out: Skeleton = []

    def walk(node: LexborNode, depth: int) -> None:
        out.append((depth, node.tag or "", tuple(sorted(node.attributes))))
        child = node.child
        while child is not None:
            if child.is_element_node:
                walk(child, depth + 1)
            child = child.next

    root = LexborHTMLParser(page).root
    assert root is not None
    walk(root, 0)
    return out


def data_of(page: str) -> Any:
    """The data that the page hands to its script."""
    node = LexborHTMLParser(page).css_first("script#data")
    return json.loads(node.text())


_PAYLOADS = (
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "</style><img src=x onerror=alert(1)>",
    "<img src=http://evil.example/beacon.png>",
    "<svg/onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<iframe src=javascript:alert(1)></iframe>",
    '" onmouseover="alert(1)',
    "' onfocus='alert(1)' autofocus='",
    "<a href=javascript:alert(1)>x</a>",
    "</td></tr></table><h1>x",
    "<td>9</td>",
    "</title><base href=http://evil.example>",
    "<!-- x",
    "--><b>x</b>",
    "<![CDATA[<b>x</b>]]>",
    "<?php x ?>",
    "<plaintext>",
    "<template><b>",
    "<meta http-equiv=refresh content=0;url=http://evil.example>",
    "<link rel=stylesheet href=http://evil.example/x.css>",
    "<style>*{display:none}</style>",
    "{{ 7*7 }}{% for x in y %}",
    "${alert(1)}`",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;b&#62;",
    "\\u003cscript\\u003e",
    "\u2028</script>\u2029<b>",
    "a\x00<b>\x00",
    "\u202e<b>\u202c",
    "\ud800<b>",
    "＜script＞alert(1)＜/script＞",
    "<math><mi//xlink:href='data:x,<script>'>",
    "<noscript><p title='</noscript><b>'>",
    "<form action=http://evil.example><input name=q>",
    "<object data=x></object><embed src=x>",
    "<textarea><b>",
    "<select><option><b>",
    "data:text/html,<script>alert(1)</script>",
    "<body onload=alert(1)>",
    "=HYPERLINK(\"http://evil.example\")<b>",
)  # fmt: skip
_FRAMES = (
    "{}",
    "12{}",
    '">{}',
    "'>{}",
    "{}\n<!--",
    "</p></td>{}",
    "]]>{}",
    "-->{}",
    '\\"{}',
    "</script>{}",
    "</textarea></title>{}",
    "正常文字{}正常文字",
    "&quot;&gt;{}",
)


def hostile() -> list[str]:
    """More than 500 strings that break out of careless pages. None holds a pipe."""
    return [
        frame.format(p) if "{}" in frame else frame + p for p, frame in product(_PAYLOADS, _FRAMES)
    ]


def harmless(text: str) -> str:
    """A text of the same make-up without any sign that means something in a page."""
    return "".join("\n" if c == "\n" else "字" for c in text)

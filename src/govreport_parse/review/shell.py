"""The shell of every page: templates, style and script of this package, and nothing from outside.

Everything that a template shows is escaped (autoescape is on). The only texts that pass as they
are: style and script of this package, and data as JSON in which ``<``, ``>`` and ``&`` are
spelled as escapes. The policy in the page's head allows this one style, this one script and
``data:`` pictures; all else is refused by the browser.
"""

from __future__ import annotations

import base64
import hashlib
import json
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from govreport_parse.display.width import shown_char
from govreport_parse.errors import UsageError
from govreport_parse.privacy import mask_text

if TYPE_CHECKING:
    from jinja2 import Environment

HINT = "install the extra: pip install 'govreport_parse[report]'"


def render(name: str, data: Any, **values: Any) -> str:
    """The page ``name`` with ``data`` for its script and ``values`` for its template.

    Raises ``UsageError`` where jinja2 is not installed.
    """
    environment = _environment()
    from markupsafe import Markup

    style, script = _text("page.css") + _text(f"{name}.css"), _text(f"{name}.js")
    policy = (
        "default-src 'none'; base-uri 'none'; form-action 'none'; img-src data:; "
        f"style-src '{_digest(style)}'; script-src '{_digest(script)}'"
    )
    page = environment.get_template(f"{name}.html").render(
        policy=policy,
        style=Markup(style),
        script=Markup(script),
        data=Markup(_json(data)),
        **values,
    )
    return page + "\n"


@cache
def _environment() -> Environment:
    try:
        import jinja2
    except ImportError as error:
        raise UsageError("the review page needs jinja2", hint=HINT) from error
    return jinja2.Environment(
        loader=jinja2.FunctionLoader(_text),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _text(name: str) -> str:
    folder = resources.files("govreport_parse.review") / "templates"
    return (folder / name).read_text("utf-8").replace("\r\n", "\n")


def _digest(text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return "sha256-" + base64.b64encode(digest).decode("ascii")


_SPELLED = {ord(c): f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"}


def _json(data: Any) -> str:
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return text.translate(_SPELLED)


_STAYS = frozenset("\n\t")


def shown(text: str | None) -> str:
    """A foreign text fit for a page: personal numbers masked, what steers a display spelled out."""
    masked = mask_text(text or "") or ""
    if masked.isascii() and masked.isprintable():
        return masked
    return "".join(c if c in _STAYS or c.isprintable() else shown_char(c) for c in masked)


def link(url: str | None) -> str | None:
    """The address if it may be a link: http or https, with a host and nothing that hides."""
    if not url or not url.isprintable() or len(url) > 2048 or any(c in url for c in " <>\"'\\"):
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and parts.hostname else None

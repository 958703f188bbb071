"""How Sphinx makes the documentation: ``make docs``. Nothing here asks the network."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from sphinx.application import Sphinx

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

import reference_pages  # noqa: E402  (beside this file)

from govreport_parse import __version__  # noqa: E402

project = "govreport_parse"
author = "The govreport_parse team"
copyright = "the govreport_parse team, Apache-2.0"
version = release = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc"]
exclude_patterns = ["_build"]
myst_enable_extensions = ["deflist", "colon_fence", "attrs_block"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
python_use_unqualified_type_names = True
python_display_short_literal_types = True
maximum_signature_line_length = 80

html_theme = "furo"
html_title = f"govreport_parse {release}"
html_static_path = ["_static"]
html_css_files = ["pages.css"]
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
html_last_updated_fmt = None
html_theme_options = {"navigation_with_keys": True}
highlight_language = "none"

_MARK = re.compile(r"^<!-- generated: ([a-z_ 0-9;]+) -->$", re.MULTILINE)


def _fill(_app: Sphinx, _name: str, source: list[str]) -> None:
    source[0] = _MARK.sub(lambda m: reference_pages.page_part(m[1]), source[0])


def setup(app: Sphinx) -> None:
    """The parts of pages that come from the package itself are put in as they are read."""
    app.connect("source-read", _fill)

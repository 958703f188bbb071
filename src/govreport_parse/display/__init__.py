"""A report for people: the card, the notebook tables and the paragraph on one figure.

In: a finished ``Report``. Out: text or HTML. Nothing is computed here that the report does not
hold; sums of groups are given only where every part has a number. Texts of the source pass
``plain`` (terminal) or are escaped (HTML).
"""

from govreport_parse.display.card import card
from govreport_parse.display.figure import explain
from govreport_parse.display.notebook import html
from govreport_parse.display.width import WIDTH, aligned, plain, width, wrap
from govreport_parse.display.words import IN_SOURCE, UNDECIDED, check_lines, in_words, verdict

__all__ = [
    "IN_SOURCE",
    "UNDECIDED",
    "WIDTH",
    "aligned",
    "card",
    "check_lines",
    "explain",
    "html",
    "in_words",
    "plain",
    "verdict",
    "width",
    "wrap",
]

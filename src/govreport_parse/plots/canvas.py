"""Axes, fonts and words of the charts; the only module that loads matplotlib."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from govreport_parse.errors import UsageError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Lang = Literal["zh", "en"]
Words = tuple[str, str]
"""A text in Chinese and in English."""

# matplotlib before 3.11 sees only the first face of a collection, which is the Japanese one.
FONTS = (
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "Noto Sans SC",
    "Microsoft YaHei",
    "PingFang SC",
    "SimHei",
    "WenQuanYi Zen Hei",
    "Noto Sans CJK JP",
    "Noto Serif CJK SC",
    "Source Han Serif SC",
    "Noto Serif CJK JP",
)
"""Fonts with Chinese characters, the first installed one is used."""
PLAIN = "DejaVu Sans"
"""matplotlib's own font, for what the Chinese one lacks."""

GREY = "#8a8a8a"
LINES = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", GREY)
"""Colours that people with colour blindness tell apart (Okabe and Ito)."""
MARKERS = "osD^vP"


def pyplot() -> Any:
    """``matplotlib.pyplot``; ``UsageError`` where it is not installed."""
    try:
        import matplotlib.pyplot as plt
    except ImportError as error:
        raise UsageError(
            "charts need matplotlib", hint="pip install 'govreport_parse[plot]'"
        ) from error
    return plt


@cache
def fonts() -> tuple[str, ...]:
    """The installed font with Chinese characters, then matplotlib's own."""
    pyplot()
    from matplotlib import font_manager

    installed = {font.name for font in font_manager.fontManager.ttflist}
    found = next((name for name in FONTS if name in installed), None)
    return (PLAIN,) if found is None else (found, PLAIN)


@contextmanager
def style() -> Iterator[None]:
    """matplotlib's settings of these charts (Chinese fonts, a minus that every font has).

    For your own charts beside them: ``with gov.plots.style(): ...``. The settings from before are
    back at the end. Warns where no font with Chinese characters is installed.
    """
    plt = pyplot()
    names = fonts()
    if names == (PLAIN,):
        warnings.warn(
            "no font with Chinese characters is installed; install Noto Sans CJK",
            UserWarning,
            stacklevel=4,
        )
    rules = {
        "font.family": list(names),
        "axes.unicode_minus": False,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.titlesize": "medium",
        "axes.titlelocation": "left",
        "legend.frameon": False,
        "hatch.linewidth": 0.6,
    }
    # Not rc_context: it would also undo what a backend sets when the first figure loads it, and
    # Jupyter then shows no other figure.
    settings = plt.rcParams
    before = {name: settings[name] for name in rules}
    settings.update(rules)
    try:
        yield
    finally:
        settings.update(before)


def check_lang(lang: str) -> None:
    """``UsageError`` for a language that the charts do not speak."""
    if lang not in ("zh", "en"):
        raise UsageError(f"no language {lang!r}", hint="'zh' or 'en'")


def say(words: Words, lang: str) -> str:
    """The text in the language."""
    return words[0] if lang == "zh" else words[1]


def axes_of(ax: Axes | None, width: float, height: float) -> Axes:
    """The caller's axes, or new ones of a size in inches."""
    plt = pyplot()
    if ax is None:
        _, made = plt.subplots(figsize=(width, height), layout="constrained")
        new: Axes = made
        return new
    from matplotlib.axes import Axes as Kind

    if not isinstance(ax, Kind):
        raise UsageError(
            f"ax is matplotlib's Axes, not {type(ax).__name__}", hint="give one axes, or none"
        )
    return ax


def finish(ax: Axes, title: str, xlabel: str, notes: Sequence[str], ylabel: str = "") -> None:
    """Title and labels; notes stand under the label of x."""
    # The caller's axes were made with his fonts; ticks are made when the figure is drawn.
    family = list(fonts())
    ax.set_title(title, linespacing=1.4, fontfamily=family)
    ax.set_xlabel("\n".join([xlabel, *notes]), linespacing=1.5, fontfamily=family)
    ax.set_ylabel(ylabel, fontfamily=family)
    ax.tick_params(labelfontfamily=family)


def room_for(names: Iterable[str]) -> float:
    """Inches that the longest of some names needs beside the axes."""
    widths = (sum(1.0 if ord(c) > 0x2E7F else 0.55 for c in name) for name in names)
    return 0.145 * max(widths, default=0.0)


def whole_numbers(axis: Any) -> None:
    """Ticks at whole numbers, written ``1,234`` and ``-5``."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axis.set_major_locator(MaxNLocator(nbins=6, integer=True, steps=[1, 2, 5, 10]))
    axis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:,.0f}"))


def numbers(axis: Any) -> None:
    """Ticks written ``1,234.5`` and ``-5``."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 5, 10]))
    axis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:,.10g}"))


def percents(axis: Any) -> None:
    """Ticks of shares from 0 to 1, written ``40%``."""
    from matplotlib.ticker import FuncFormatter, MultipleLocator

    axis.set_major_locator(MultipleLocator(0.2))
    axis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:.0%}"))


def legend_beside(ax: Axes, **options: Any) -> None:
    """A legend to the right of the axes, where it covers nothing drawn."""
    ax.legend(loc="upper left", bbox_to_anchor=(1.01, 1.0), **options)


def ink(colour: str) -> str:
    """Black or white, whichever is read better on a colour."""
    from matplotlib.colors import to_rgb

    red, green, blue = to_rgb(colour)
    return "black" if 0.299 * red + 0.587 * green + 0.114 * blue > 0.55 else "white"


def plural(n: int, words: Mapping[str, Words], key: str, lang: str) -> str:
    """A counted note: ``{n}`` in its text is replaced."""
    return say(words[key], lang).format(n=f"{n:,}")

"""Runs the code blocks of the documentation and writes what they print below them.

    python scripts/fill_docs.py [PAGE...]

For after a change of output; read the diff before committing. tests/docs runs the same code and
fails when a page would change. A page's blocks run one after the other in an empty folder that
holds the bundled documents in ``reports/``:

- ``python``: run in one namespace; what it prints stands in the ``text`` block right below.
- ``console``: lines ``$ govreport …``, each with what a terminal shows: data and messages.
  ``2>/dev/null`` leaves messages out, ``| head -N`` keeps N lines, ``; echo $?`` adds the exit
  code; without it the command must succeed.
- a ``code-block`` with a caption: a file of that name.
- ``http://www.qingxi.example`` is the bundled site, served on this machine; ``harvest``, ``fetch``
  and ``discover`` get ``--allow-private --delay 0``.
- ``sh``, ``r``, ``stata`` and ``toml`` are not run.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "docs"
SITE = "http://www.qingxi.example"
FENCE = re.compile(r"^```([^\n`]+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
HEAD = re.compile(r" *\| head -(\d+)$")
CAPTION = re.compile(r":caption: (\S+)\n+")
NOT_RUN = frozenset({"sh", "r", "stata", "toml"})
VOLATILE = re.compile(r"(?<= at )[\d,]+(?= MB/s)|(?<=wrote )(.{1,80})\([\d,]+(?= bytes)")
"""Speeds, and sizes of pages whose style changes."""
ONLINE = ("harvest", "fetch", "discover")


def pages() -> list[Path]:
    """The pages with code blocks to run; the command line's reference is made elsewhere."""
    return sorted(p for p in FOLDER.glob("*.md") if p.name != "cli-reference.md")


@dataclass
class Runner:
    """One page's blocks, run in order in the current folder."""

    site: str
    namespace: dict[str, object] = field(default_factory=dict)
    pending: str | None = None
    """What the last block printed, until it was written below it."""
    ran: int = 0

    def filled(self, text: str) -> str:
        """The page with what its blocks print."""
        out: list[str] = []
        at = 0
        for m in FENCE.finditer(text):
            out += [text[at : m.start(2)], self._block(m[1].strip(), m[2])]
            at = m.end(2)
        self._settled("the end of the page")
        return "".join(out) + text[at:]

    def _block(self, kind: str, code: str) -> str:
        if kind == "text" and self.pending is not None:
            printed, self.pending = self.pending, None
            return printed
        self._settled(code)
        if kind == "python":
            self._python(code)
        elif kind == "console":
            return "".join(self._command(part) for part in re.split(r"^\$ ", code, flags=re.M)[1:])
        elif kind.startswith("{code-block}"):
            self._file(code)
        elif kind not in NOT_RUN and not kind.startswith("{") and kind != "text":
            raise ValueError(f"a block of kind {kind!r} is neither run nor known:\n{code}")
        return code

    def _settled(self, before: str) -> None:
        if self.pending:
            raise ValueError(f"nothing shows what was printed before:\n{before}")
        self.pending = None

    def _python(self, code: str) -> None:
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            exec(compile(self._local(code), "page", "exec"), self.namespace)
        self.pending = _trimmed(self._public(out.getvalue()))
        self.ran += 1

    def _file(self, code: str) -> None:
        caption = CAPTION.match(code)
        if caption is not None:
            Path(caption[1]).write_text(self._local(code[caption.end() :]), "utf-8")

    def _command(self, part: str) -> str:
        from govreport_parse.cli.main import main

        line = part.partition("\n")[0]
        command, shows_code = _without(line, "; echo $?")
        head = HEAD.search(command)
        command, hides_messages = _without(HEAD.sub("", command), "2>/dev/null")
        words = shlex.split(self._local(command))
        if words[0] != "govreport":
            raise ValueError(f"only govreport is run in console blocks: {line}")
        if words[1] in ONLINE:
            words[2:2] = ["--allow-private", "--delay", "0"]
        out = io.StringIO()
        hidden = io.StringIO() if hides_messages else out
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(hidden):
            code = main(words[1:])
        shown = VOLATILE.sub(
            lambda m: f"{m[1]}(…" if m[1] else "…", _trimmed(self._public(out.getvalue()))
        )
        if code and not shows_code:
            raise ValueError(f"{line}\nended with {code}:\n{hidden.getvalue()}{shown}")
        self.ran += 1
        if head is not None:
            shown = "".join(shown.splitlines(keepends=True)[: int(head[1])])
        return f"$ {line}\n{shown}" + (f"{code}\n" if shows_code else "")

    def _local(self, text: str) -> str:
        return text.replace(SITE, self.site)

    def _public(self, text: str) -> str:
        return text.replace(self.site, SITE).replace(self.site.removeprefix("http://"), SITE[7:])


def _without(line: str, end: str) -> tuple[str, bool]:
    return (line.removesuffix(end).rstrip(), line.endswith(end))


def _trimmed(text: str) -> str:
    return "".join(line.rstrip() + "\n" for line in text.splitlines())


@contextlib.contextmanager
def workplace() -> Iterator[str]:
    """An empty folder with the bundled documents in ``reports/``, made the current one; gives the
    address of the bundled site."""
    from govreport_parse.bundled import sample_sources
    from govreport_parse.bundled_site import serve

    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder, serve() as site:
        os.chdir(folder)
        try:
            Path("reports").mkdir()
            for source in sample_sources():
                Path("reports", source.name).write_bytes(source.data)
            contact = os.environ.pop("GOVREPORT_CONTACT", None)
            yield site.url
        finally:
            os.chdir(before)
            if contact is not None:
                os.environ["GOVREPORT_CONTACT"] = contact


def filled(text: str) -> tuple[str, int]:
    """A page with what its blocks print, and how many were run."""
    with workplace() as site:
        runner = Runner(site)
        return runner.filled(text), runner.ran


def main(names: list[str]) -> None:
    for path in [Path(n) for n in names] or pages():
        text, _ = filled(path.read_text("utf-8"))
        path.write_text(text, "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])

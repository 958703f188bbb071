"""PDFs of the programs that print real reports, where they are installed: fonts embedded, tables
broken over pages. Their bytes hold dates, so each run has its own sha256."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

STYLE = (
    "<style>body{font-family:'Noto Serif CJK SC','SimSun',serif}table{border-collapse:collapse;"
    "width:100%}td{border:1px solid #000;font-size:13px;padding:3px}</style>"
)
SECONDS = 120


def chromium(page: str) -> bytes | None:
    """An HTML page printed; ``None`` where Chromium is not installed or cannot print."""
    program = next((p for n in ("chromium", "google-chrome") if (p := shutil.which(n))), None)
    if program is None:
        return None
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        (folder / "report.html").write_text(f"<meta charset='utf-8'>{STYLE}{page}", "utf-8")
        return _printed(
            folder / "report.pdf",
            program, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            "--no-pdf-header-footer", f"--user-data-dir={folder / 'profile'}",
            f"--print-to-pdf={folder / 'report.pdf'}", (folder / "report.html").as_uri(),
        )  # fmt: skip


def libreoffice(document: bytes) -> bytes | None:
    """A DOCX printed; ``None`` where LibreOffice is not installed or cannot print."""
    program = shutil.which("soffice")
    if program is None:
        return None
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        (folder / "report.docx").write_bytes(document)
        return _printed(
            folder / "report.pdf",
            program, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless",
            "--convert-to", "pdf", "--outdir", name, str(folder / "report.docx"),
        )  # fmt: skip


def _printed(out: Path, *command: str) -> bytes | None:
    try:
        done = subprocess.run(command, check=False, capture_output=True, timeout=SECONDS)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return out.read_bytes() if done.returncode == 0 and out.is_file() else None

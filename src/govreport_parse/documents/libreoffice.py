"""The bridge to LibreOffice for documents that are not read here: RTF, Works, odd .doc files.

In go bytes and a suffix, out comes a DOCX. Optional: without ``soffice`` on the PATH the answer
is a typed error with a hint.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

from govreport_parse.errors import LimitExceededError, UnsupportedFormatError

MAX_CONVERTED = 50 * 2**20

_CONVERTIBLE = frozenset({".doc", ".wps", ".rtf", ".odt", ".wri", ".dot"})


def via_libreoffice(data: bytes, suffix: str, *, seconds: float = 60.0) -> bytes:
    """The DOCX that LibreOffice makes of a document.

    ``suffix`` is one of .doc .dot .wps .rtf .odt .wri. LibreOffice runs with its own profile and
    folder (mode 0700, deleted afterwards), without macros and links, at most ``seconds`` long and
    in its own process group, which is killed as a whole. Raises ``UnsupportedFormatError`` when
    it is not installed or cannot read the file, ``LimitExceededError`` when time is up.
    """
    suffix = suffix.lower()
    if suffix not in _CONVERTIBLE:
        raise UnsupportedFormatError(
            f"{suffix!r} is not converted", hint="one of " + " ".join(sorted(_CONVERTIBLE))
        )
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None:
        raise UnsupportedFormatError(
            f"reading this {suffix} file needs LibreOffice, which was not found",
            hint="install LibreOffice (soffice on the PATH), or save the file as DOCX",
        )
    with tempfile.TemporaryDirectory(prefix="govreport-") as folder:
        root = Path(folder)
        source = root / f"in{suffix}"
        source.write_bytes(data)
        _write_profile(root / "profile")
        _run_libreoffice(program, root, source, seconds)
        made = root / "out" / "in.docx"
        if not made.is_file():
            raise UnsupportedFormatError(
                f"LibreOffice could not read the {suffix} file", hint="the file may be damaged"
            )
        if made.stat().st_size > MAX_CONVERTED:
            raise LimitExceededError(
                "the converted document is too large", hint="a report is below 10 MB",
                context={"limit": MAX_CONVERTED},
            )  # fmt: skip
        return made.read_bytes()


_PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting">
<prop oor:name="DisableMacrosExecution" oor:op="fuse"><value>true</value></prop>
<prop oor:name="MacroSecurityLevel" oor:op="fuse"><value>3</value></prop>
<prop oor:name="BlockUntrustedRefererLinks" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Inet/Settings">
<prop oor:name="ooInetProxyType" oor:op="fuse"><value>2</value></prop>
<prop oor:name="ooInetHTTPProxyName" oor:op="fuse"><value>127.0.0.1</value></prop>
<prop oor:name="ooInetHTTPProxyPort" oor:op="fuse"><value>9</value></prop>
<prop oor:name="ooInetHTTPSProxyName" oor:op="fuse"><value>127.0.0.1</value></prop>
<prop oor:name="ooInetHTTPSProxyPort" oor:op="fuse"><value>9</value></prop></item>
</oor:items>
"""
"""No macros, no links of untrusted documents, and a proxy at a port where nothing listens."""


def _write_profile(profile: Path) -> None:
    user = profile / "user"
    user.mkdir(parents=True, mode=0o700)
    (user / "registrymodifications.xcu").write_text(_PROFILE, encoding="utf-8")


def _run_libreoffice(program: str, root: Path, source: Path, seconds: float) -> None:
    command = [
        program, "--headless", "--norestore", "--nolockcheck", "--nodefault",
        f"-env:UserInstallation={(root / 'profile').as_uri()}",
        "--convert-to", "docx", "--outdir", str(root / "out"), str(source),
    ]  # fmt: skip
    dead = "http://127.0.0.1:9"
    environment = {
        "PATH": os.environ.get("PATH", ""), "HOME": str(root), "TMPDIR": str(root),
        "LANG": "C.UTF-8", "http_proxy": dead, "https_proxy": dead, "ftp_proxy": dead,
    }  # fmt: skip
    try:
        process = subprocess.Popen(
            command, cwd=root, env=environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
    except OSError as error:
        raise UnsupportedFormatError(
            "LibreOffice could not be started", hint="run soffice --version by hand"
        ) from error
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired as error:
        raise LimitExceededError(
            f"LibreOffice took longer than {seconds:g} s", hint="save the file as DOCX by hand",
            context={"limit": seconds},
        ) from error  # fmt: skip
    finally:
        # soffice is a script whose children do the work: end the whole group.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

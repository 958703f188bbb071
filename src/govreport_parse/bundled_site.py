"""A small government site served over loopback, for the demo and the notebooks: no network needed.

The files lie in ``data/site``; ``site.json`` names their routes and the reports a harvest of the
column must find. ``serve`` serves any folder with such a file.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import resources
from pathlib import Path
from threading import Lock, Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit

SCHEMA = "govreport-site/1"
_FOLDER = "data/site"


@dataclass(slots=True)
class ServedSite:
    """A site that is being served: its address, where to start, and what was asked for so far."""

    url: str
    start: str
    reports: list[dict[str, Any]]
    requests: list[str] = field(default_factory=list)
    """Paths with their queries, in the order they came in."""


@contextmanager
def serve(folder: Path | None = None) -> Iterator[ServedSite]:
    """Serve the bundled site, or another folder with a ``site.json``, on a free loopback port."""
    if folder is not None:
        with _serving(folder) as site:
            yield site
        return
    with (
        resources.as_file(resources.files("govreport_parse").joinpath(_FOLDER)) as own,
        _serving(own) as site,
    ):
        yield site


@contextmanager
def _serving(folder: Path) -> Iterator[ServedSite]:
    about = json.loads((folder / "site.json").read_text("utf-8"))
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    port = server.server_address[1]
    base = f"http://127.0.0.1:{port}"
    site = ServedSite(base, base + about["start"], about["reports"])
    _Handler.sites[port] = _Site(folder, about["routes"], site)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        del _Handler.sites[port]


@dataclass(slots=True)
class _Site:
    folder: Path
    routes: list[dict[str, Any]]
    served: ServedSite
    lock: Lock = field(default_factory=Lock)

    def answer(self, target: str, form: bytes) -> tuple[int, str, bytes]:
        """Status, media type and body for a path with its query."""
        parts = urlsplit(target)
        given = dict(parse_qsl(parts.query)) | dict(parse_qsl(form.decode("latin-1")))
        with self.lock:
            self.served.requests.append(target)
        for route in self.routes:
            query = route.get("query", {})
            if route["path"] == parts.path and query.items() <= given.items():
                body = (self.folder / route["file"]).read_bytes()
                return route["status"], route["type"], body
        return 404, "text/html; charset=utf-8", "<h1>404</h1><p>页面不存在</p>".encode()


class _Handler(BaseHTTPRequestHandler):
    sites: dict[int, _Site] = {}  # noqa: RUF012  (http.server makes a handler per connection)
    protocol_version = "HTTP/1.1"
    timeout = 10

    def do_GET(self) -> None:
        """Answer by the routes."""
        self._send(b"")

    def do_POST(self) -> None:
        """Answer by the routes, form values counting as a query."""
        self._send(self.rfile.read(int(self.headers.get("Content-Length") or 0)))

    def _send(self, form: bytes) -> None:
        site = self.sites[self.connection.getsockname()[1]]
        status, kind, body = site.answer(self.path, form)
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Say nothing: what was asked for is in ``ServedSite.requests``."""

"""The two TLS contexts of a run: strict, and the one for hosts that can't do better."""

from __future__ import annotations

import ssl
from pathlib import Path

from govreport_parse.errors import UsageError

# ssl.OP_LEGACY_SERVER_CONNECT has no name before Python 3.12.
_LEGACY_SERVER_CONNECT = 0x4


class TlsContexts:
    """Made on first use, because loading the certificates takes a tenth of a second."""

    def __init__(self, authorities: str | Path | None = None) -> None:
        """``authorities``: a PEM file of certificates to trust beside the system's."""
        self._authorities = authorities
        self._strict: ssl.SSLContext | None = None
        self._legacy: ssl.SSLContext | None = None

    def get(self, *, legacy: bool) -> ssl.SSLContext:
        """The strict context (verified, TLS 1.2 and later), or the legacy one (neither)."""
        if legacy:
            if self._legacy is None:
                self._legacy = legacy_context()
            return self._legacy
        if self._strict is None:
            self._strict = strict_context(self._authorities)
        return self._strict


def strict_context(authorities: str | Path | None = None) -> ssl.SSLContext:
    """Certificates and names verified, TLS 1.2 and later."""
    context = ssl.create_default_context()
    _trust_public_roots(context)
    if authorities is not None:
        try:
            context.load_verify_locations(cafile=str(authorities))
        except OSError as error:
            raise UsageError(
                f"the certificates in {str(authorities)!r} can't be loaded: {error}",
                hint="give a PEM file",
            ) from error
    return context


def legacy_context() -> ssl.SSLContext:
    """No verification, TLS 1.0 and later, every cipher, servers without secure renegotiation."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    # TLSVersion.TLSv1 is deprecated as a floor; MINIMUM_SUPPORTED means the same and is not.
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.options |= _LEGACY_SERVER_CONNECT
    return context


def _trust_public_roots(context: ssl.SSLContext) -> None:
    # The system's store is empty in slim containers; certifi comes with the HTTP client (not with
    # the fork that may replace it).
    try:
        import certifi
    except ModuleNotFoundError:
        return
    context.load_verify_locations(cafile=certifi.where())

"""The HTTP client: one address in, one ``Answer`` out, whatever the server does.

``session`` holds the client: redirects, cookies, gates, the TLS ladder. ``http`` moves one request
and is the only place that knows the library underneath; none of its types or exceptions leaves it.
``retrying`` asks again.
"""

from govreport_parse.fetch.client.retrying import get_with_retries
from govreport_parse.fetch.client.session import Client, Kind
from govreport_parse.fetch.limits import Limits

__all__ = ["Client", "Kind", "Limits", "get_with_retries"]

"""The wing that talks to servers: polite requests in, archived answers out. It parses no report.

``records`` holds what passes between the rooms: an ``Exchange`` is one request and its answer as it
went over the wire, an ``Answer`` is what came of one address after all redirects, with its
``Outcome``.
"""

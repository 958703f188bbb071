"""What to tell of a run that several things stopped."""

from __future__ import annotations

from govreport_parse.errors import FetchError, GovReportError


def first_cause(errors: list[BaseException]) -> BaseException:
    """The error to be told, as one of ours: what followed from another says less."""

    def follows(error: BaseException) -> bool:
        context = error.context if isinstance(error, GovReportError) else {}
        return str(context.get("reason", "")).endswith("_broken")

    error = min(errors, key=follows)
    if isinstance(error, GovReportError) or not isinstance(error, Exception):
        return error
    found = FetchError(
        f"the harvest stopped: {type(error).__name__}: {error}"[:500],
        hint="nothing is lost: run the same command again; please report this error",
    )
    found.__cause__ = error
    return found

"""What a person found when looking at figures, as a CSV file, and put into reports.

The file has the columns ``report_id, path, verdict, value, note, author, date``; the review page
exports it. ``verdict`` is ``right`` or ``wrong``; a wrong figure has the ``value`` that it should
have, or none and a ``note`` why. Whatever is not certain in the file (an unknown path, two people
of two minds, a value that the figure can't have) is an error that names the lines; nothing is
applied then. An override is never silent: the figure carries a repair that names author and
reason, the report a finding.
"""

from __future__ import annotations

import csv
import datetime
import io
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Literal

from govreport_parse.checks.identities import check_identities
from govreport_parse.errors import UsageError
from govreport_parse.formbook import Column, all_forms
from govreport_parse.report import FigureColumns, Report
from govreport_parse.source import check_file
from govreport_parse.values import VALUED, CheckState, Finding, Number, Repair, State, json_number

COLUMNS = ("report_id", "path", "verdict", "value", "note", "author", "date")
MOST_TOLD = 20
MOST_BYTES = 64 * 2**20
CORRECTED, CONFIRMED, BROKEN = "corrected", "confirmed", "identity_broken"

_REPORT_ID = re.compile(r"[0-9a-f]{16}(#[1-9][0-9]{0,3})?")
_INTEGER = re.compile(r"(-?[0-9]{1,15})(?:\.0{1,10})?")
"""Of a count; spreadsheets and data frames write a whole number as ``5.0`` beside empty cells."""
_DECIMAL = re.compile(r"[0-9]{1,15}(\.[0-9]{1,10})?")
_FORMULA = re.compile(r"'[=+\-@\t\r＝＋－＠']")
_WORDS: Mapping[str, Literal["right", "wrong"]] = {
    "right": "right",
    "wrong": "wrong",
    "对": "right",
    "错": "wrong",
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """One line of the file. ``value`` is ``None`` for ``right``, and where there is no number."""

    report_id: str
    path: str
    verdict: Literal["right", "wrong"]
    value: Number | None
    note: str
    author: str
    date: datetime.date
    line: int = 0


def read_verdicts(source: str | Path | bytes) -> tuple[Verdict, ...]:
    """The verdicts of a corrections file (a path, or its bytes), in the order of the file.

    UTF-8, or GB18030 as Excel saves it; separated by comma, semicolon or tab. The same verdict
    twice counts once. Raises ``UsageError`` that lists the lines at fault: unknown columns or
    paths, ids that are none, values that the figure can't have, verdicts that contradict.
    """
    text = _text(source)
    rows = list(_rows(text))
    faults: list[tuple[int, str]] = []
    out: dict[tuple[str, str], Verdict] = {}
    for line, row in rows:
        made = _verdict(line, row)
        if isinstance(made, str):
            faults.append((line, made))
            continue
        before = out.setdefault((made.report_id, made.path), made)
        if (before.verdict, before.value) != (made.verdict, made.value):
            faults.append((line, f"contradicts line {before.line}: {_told(before, made)}"))
    _refuse(faults, "the corrections file can't be used")
    return tuple(out.values())


def check_verdicts(verdicts: Iterable[Verdict], report_ids: Collection[str]) -> None:
    """Raise ``UsageError`` with the lines that speak of reports which are not there."""
    faults = [
        (v.line, f"no report {v.report_id}") for v in verdicts if v.report_id not in report_ids
    ]
    _refuse(faults, "corrections for unknown reports", "they may belong to another dataset")


def apply_verdicts(report: Report, verdicts: Iterable[Verdict]) -> Report:
    """The report with its verdicts (those of other reports are left out) as marked overrides.

    A wrong figure gets the value given: its state stays if it had a value, else it becomes
    ``reported``; without a value it becomes ``unreadable``. ``raw`` stays. It carries a repair
    ``corrected`` that names value, author, date and reason, and the report a finding; figures
    found right are named in a finding ``confirmed``. Checks are made anew. The report given is
    not changed. Raises ``UsageError`` for paths that its form does not have and for values that
    the figure can't have.
    """
    given = list(verdicts)
    others = tuple(apply_verdicts(o, given) for o in report.others)
    mine = [v for v in given if v.report_id == report.report_id]
    _refuse(list(_misfits(report, mine)), f"corrections do not fit report {report.report_id}")
    if not mine:
        changed = any(a is not b for a, b in zip(others, report.others, strict=True))
        return replace(report, others=others) if changed else report
    columns = _copied(report)
    findings = [_override(report, columns, v) for v in mine if v.verdict == "wrong"]
    right = [v for v in mine if v.verdict == "right"]
    if right:
        findings.append(_confirmed(right))
    outcomes = check_identities(report.layout, columns.values, columns.states)
    made = replace(report, columns=columns, others=others, findings=(), _outcomes=outcomes)
    made.findings = (*_findings_after(report, made), *findings)
    return made


def corrector(verdicts: Iterable[Verdict]) -> Callable[[Report], Report]:
    """``apply_verdicts`` for many reports in a row: each document looks at its own lines only."""
    of_document: dict[str, list[Verdict]] = {}
    for v in verdicts:
        of_document.setdefault(v.report_id.partition("#")[0], []).append(v)

    def correct(report: Report) -> Report:
        own = of_document.get(report.report_id.partition("#")[0])
        return apply_verdicts(report, own) if own else report

    return correct


# -- reading ---------------------------------------------------------------------------------------


def _text(source: str | Path | bytes) -> str:
    name = "the corrections file"
    if not isinstance(source, bytes):
        name = str(source)
        try:
            check_file(Path(source))
            source = Path(source).read_bytes()
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or str(error)
            raise UsageError(f"cannot read {name}: {why}", hint="check the path") from error
    if len(source) > MOST_BYTES:
        raise UsageError(f"{name} has {len(source):,} bytes", hint="is it a corrections file?")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return source.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UsageError(f"{name} is neither UTF-8 nor GB18030 text", hint="save it as CSV UTF-8")


def _rows(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Line and fields of every line that is not empty."""
    first = text.lstrip("\r\n").partition("\n")[0]
    separator = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    head: list[str] | None = None
    try:
        for cells in reader:
            if not any(c.strip() for c in cells):
                continue
            if head is None:
                head = [c.strip() for c in cells]
                _check_head(head)
            elif len(cells) != len(head):
                yield reader.line_num, {"": f"{len(cells)} fields instead of {len(head)}"}
            else:
                yield reader.line_num, dict(zip(head, map(_unprotected, cells), strict=True))
    except csv.Error as error:
        raise UsageError(
            f"line {reader.line_num} is no CSV: {error}", hint="export the file from the page again"
        ) from error
    if head is None:
        raise UsageError("the corrections file is empty", hint=f"its head is {','.join(COLUMNS)}")


def _check_head(head: Sequence[str]) -> None:
    missing = [c for c in COLUMNS if c not in head]
    unknown = [c for c in head if c not in COLUMNS]
    twice = sorted({c for c in head if head.count(c) > 1})
    faults = [
        f"{word} {', '.join(repr(c[:40]) for c in names[:7])}"
        for word, names in (("lacks", missing), ("has unknown", unknown), ("repeats", twice))
        if names
    ]
    if faults:
        raise UsageError(
            f"the head of the corrections file {'; '.join(faults)}",
            hint=f"its columns are {','.join(COLUMNS)}",
        )


def _unprotected(text: str) -> str:
    """Without the ``'`` that keeps a spreadsheet from taking a text for a formula."""
    text = text.strip()
    return text[1:] if _FORMULA.match(text) else text


def _verdict(line: int, row: Mapping[str, str]) -> Verdict | str:
    """The line as a verdict, or what is wrong with it."""
    if "" in row:
        return row[""]
    report_id, path = row["report_id"], row["path"]
    if not _REPORT_ID.fullmatch(report_id):
        hint = " (spoiled by a spreadsheet?)" if "E+" in report_id.upper() else ""
        return f"{report_id[:40]!r} is no report id{hint}"
    columns = _columns().get(path)
    if columns is None:
        return f"no form has a figure {path[:80]!r}"
    verdict = _WORDS.get(row["verdict"].lower())
    if verdict is None:
        return f"verdict {row['verdict'][:40]!r} is neither right nor wrong"
    value: Number | None = None
    if row["value"]:
        if verdict == "right":
            return "a figure that is right needs no value"
        read = [_number(row["value"], c) for c in columns]
        found = next((v for v in read if v is not None), None)
        if found is None:
            return f"{row['value'][:40]!r} is no value that {path} can have"
        value = found
    elif verdict == "wrong" and not row["note"]:
        return "a wrong figure needs a value, or a note why it has none"
    if not row["author"]:
        return "the author is missing"
    try:
        date = datetime.date.fromisoformat(row["date"])
    except ValueError:
        return f"{row['date'][:40]!r} is no date such as 2024-05-31"
    note, author = row["note"][:2000], row["author"][:200]
    return Verdict(report_id, path, verdict, value, note, author, date, line)


@cache
def _columns() -> Mapping[str, tuple[Column, ...]]:
    """Every path of every form with the columns that it stands for."""
    out: dict[str, tuple[Column, ...]] = {}
    for form in all_forms():
        for spec in form.figures:
            if spec.column not in out.get(spec.path, ()):
                out[spec.path] = (*out.get(spec.path, ()), spec.column)
    return out


def _number(text: str, column: Column) -> Number | None:
    if column.type == "decimal":
        return Decimal(text) if _DECIMAL.fullmatch(text) else None
    whole = _INTEGER.fullmatch(text)
    if whole is None or (text.startswith("-") and column.type != "signed"):
        return None
    return int(whole[1])


def _told(a: Verdict, b: Verdict) -> str:
    def one(v: Verdict) -> str:
        return f"{v.verdict} {'' if v.value is None else v.value}".strip() + f" ({v.author})"

    return f"{one(a)}, {one(b)}"


def _refuse(faults: Sequence[tuple[int, str]], message: str, hint: str = "") -> None:
    if not faults:
        return
    told = [f"line {line}: {why}" for line, why in sorted(faults)[:MOST_TOLD]]
    if len(faults) > MOST_TOLD:
        told.append(f"and {len(faults) - MOST_TOLD} more")
    raise UsageError(
        f"{message}: {'; '.join(told)}",
        hint=hint or "nothing was applied; mend these lines",
        context={"lines": [line for line, _ in sorted(faults)]},
    )


# -- applying --------------------------------------------------------------------------------------


def _misfits(report: Report, verdicts: Iterable[Verdict]) -> Iterator[tuple[int, str]]:
    index = report.layout.index
    seen: dict[str, Verdict] = {}
    for v in verdicts:
        before = seen.setdefault(v.path, v)
        if (before.verdict, before.value) != (v.verdict, v.value):
            yield v.line, f"contradicts line {before.line}: {_told(before, v)}"
        if v.path not in index:
            yield v.line, f"form {report.form} has no figure {v.path}"
        elif v.value is not None:
            column = report.layout.figures[index[v.path]].column
            text = format(v.value, "f") if isinstance(v.value, Decimal) else str(v.value)
            if _number(text, column) is None:
                yield v.line, f"{v.value} is no value that {v.path} can have"


def _copied(report: Report) -> FigureColumns:
    c = report.columns
    return FigureColumns(list(c.values), list(c.states), c.raws, c.where, c.units, dict(c.repairs))


def _override(report: Report, columns: FigureColumns, verdict: Verdict) -> Finding:
    i = report.layout.index[verdict.path]
    before, state = columns.values[i], columns.states[i]
    after: Number | None = verdict.value
    if after is None:
        columns.states[i] = State.UNREADABLE
    else:
        is_decimal = report.layout.figures[i].column.type == "decimal"
        after = Decimal(after) if is_decimal else int(after)
        columns.states[i] = state if state in VALUED else State.REPORTED
    columns.values[i] = after
    was = str(state) if before is None else str(before)
    now = "no value" if after is None else str(after)
    by = f"{verdict.author}, {verdict.date}: {verdict.note or 'no reason given'}"
    raw = columns.raws[i] or ""
    mark = Repair(CORRECTED, 0, len(raw), was, f"{now} [{by}]")
    columns.repairs[i] = (*columns.repairs.get(i, ()), mark)
    return Finding(
        CORRECTED,
        "info",
        f"{verdict.path} was {was}, set to {now} by a person ({by})",
        f"{report.layout.figures[i].label}由{was}更正为{now}（{by}）",
        (verdict.path,),
        report.locator(i),
        (
            ("author", verdict.author),
            ("date", verdict.date.isoformat()),
            ("note", verdict.note),
            ("before", json_number(before)),
            ("after", json_number(after)),
        ),
    )


def _confirmed(right: Sequence[Verdict]) -> Finding:
    names = sorted({v.author for v in right})
    return Finding(
        CONFIRMED,
        "info",
        f"{len(right)} figures were found right by a person ({', '.join(names)})",
        f"{len(right)}项数据经人工核对无误（{'、'.join(names)}）",
        tuple(v.path for v in right),
        None,
        (("authors", names),),
    )


def _findings_after(before: Report, after: Report) -> Iterator[Finding]:
    """The findings, those of broken sums brought up to date."""
    known = {f.figures: f for f in before.findings if f.code == BROKEN}
    yield from (f for f in before.findings if f.code != BROKEN)
    for n, identity in enumerate(after.layout.identities):
        outcome = after.outcomes[n]
        if outcome.state is not CheckState.BROKEN:
            continue
        paths = identity.expected + identity.found
        if paths in known and outcome == before.outcomes[n]:
            yield known[paths]
            continue
        yield Finding(
            BROKEN,
            "error",
            f"{identity.id} [{identity.scope}]: the parts give {outcome.expected}, {outcome.found} "
            "is their sum after a person's corrections; reading or source, undecided",
            f"勾稽关系不成立（{identity.scope}）：应为{outcome.expected}，更正后为{outcome.found}",
            paths,
            after.locator(after.layout.index[identity.found[0]]),
            (("id", identity.id), ("verdict", "undecided")),
        )

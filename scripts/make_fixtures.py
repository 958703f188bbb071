"""Writes fixtures: sources by the generator, expectations from the generator's record.

    python scripts/make_fixtures.py            write those that are not there yet
    python scripts/make_fixtures.py NAME...    only these
    python scripts/make_fixtures.py --list     names only

A folder that exists is never touched: to make one anew, delete it first, and look at the diff.
The parser is not asked what to expect: figures, headings and texts come from the record, findings
and all that a damage changes are written by hand in the modules ``fixture_cases_*``. Then the
parser is run, and whatever differs is printed.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from fixture_case import Case
from fixture_cases_broken import BROKEN_CASES
from fixture_cases_damage import DAMAGE_CASES
from fixture_cases_files import FILE_CASES
from fixture_cases_html import HTML_CASES
from fixture_cases_more import MORE_CASES
from fixture_cases_quirks import QUIRK_CASES
from fixture_cases_shapes import SHAPE_CASES
from fixture_cases_text import TEXT_CASES
from fixture_sites import SITES
from fixture_sites_families import FAMILY_SITES

from govreport_parse.testing.diff import compare, describe
from govreport_parse.testing.fixture_files import load_fixture

ROOT = Path(__file__).parent.parent / "fixtures"
GROUPS = (
    *(TEXT_CASES, HTML_CASES, DAMAGE_CASES, QUIRK_CASES, FILE_CASES, BROKEN_CASES, MORE_CASES),
    SHAPE_CASES,
)


def main(arguments: list[str]) -> int:
    cases = [build for group in GROUPS for build in group]
    if arguments == ["--list"]:
        print("\n".join(build.__name__ for build in cases))
        return 0
    unknown = set(arguments) - {build.__name__ for build in cases}
    if unknown:
        print(f"no such fixtures: {', '.join(sorted(unknown))}", file=sys.stderr)
        return 2
    for build in cases:
        if arguments and build.__name__ not in arguments:
            continue
        if any((form / build.__name__).exists() for form in ROOT.iterdir() if form.is_dir()):
            continue
        case: Case = build()
        folder = case.write(ROOT, build.__name__)
        text = describe(compare(load_fixture(folder)))
        print(f"{folder.relative_to(ROOT)}: {'as expected' if not text else 'DIFFERS'}")
        if text:
            print(text)
    for site in (*SITES, *FAMILY_SITES):
        if not arguments and not (ROOT / "site" / site.__name__).exists():
            site().write(ROOT / "site")
            print(f"site/{site.__name__}: written")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""``python -m govreport_parse``: the command line, where its script is not on the path."""

import sys

from govreport_parse.cli.main import main

if __name__ == "__main__":
    sys.exit(main())

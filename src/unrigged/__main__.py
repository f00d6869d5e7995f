"""`python -m unrigged`: the command line."""

import sys

from unrigged.cli import main

sys.exit(main())

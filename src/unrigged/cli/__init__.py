"""The command line: `unrigged mechanisms | show | check | run | outcomes | advise | benchmark | convert | tour`.

Exit codes: 0 done, 1 the input is at fault, 2 the call is.
"""

from unrigged.cli.app import main

__all__ = ["main"]

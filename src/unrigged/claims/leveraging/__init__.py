"""The claims printed on the leveraging mechanism, in the order of the sheet.

Source: Chen, Micali and Valiant 2010 (paper 002).
"""

from unrigged.claims.leveraging.promises import CLAIMS

__all__ = ["CLAIMS"]

"""The claims printed on the market mechanism and on the naive ones before it, in the order of the sheet.

Source: Azar, Chen and Micali 2011 (paper 000).
"""

from unrigged.claims.market import money, naive, remarks, root, theorems, votes

CLAIMS = (
    *votes.CLAIMS,
    *root.CLAIMS,
    *theorems.CLAIMS,
    *money.CLAIMS,
    *remarks.CLAIMS,
    *naive.CLAIMS,
)

"""The claims printed on the mechanism of 2009 and on surviving strategies, in the order of the sheet.

Source: Chen, Hassidim and Micali 2009 (paper 004).
"""

from unrigged.claims.surviving import literal, variant
from unrigged.claims.surviving.general import GENERALISES, OPT_OUT, REWARDS, T1
from unrigged.claims.surviving.lemmas import L1, L2, L3
from unrigged.claims.surviving.overbidding import L4

CLAIMS = (
    T1,
    *(L1, L2, L3, L4),
    *variant.CLAIMS,
    *(OPT_OUT, REWARDS, *literal.CLAIMS, GENERALISES),
)

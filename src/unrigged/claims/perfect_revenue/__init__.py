"""The claims printed on the perfect-revenue mechanism and on HOPE-FOR-THE-BEST, in the order of the sheet.

Source: Chen, Hassidim and Micali 2010 (paper 001).
"""

from unrigged.claims.perfect_revenue import (
    coalitions,
    distributive,
    equilibria,
    hope_for_the_best,
    promises,
    remarks,
    without_collusion,
)

CLAIMS = (
    *without_collusion.CLAIMS,
    *coalitions.CLAIMS,
    *equilibria.CLAIMS,
    *promises.CLAIMS,
    *remarks.CLAIMS,
    *distributive.CLAIMS,
    *hope_for_the_best.CLAIMS,
)

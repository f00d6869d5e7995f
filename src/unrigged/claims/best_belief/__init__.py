"""The claims printed on best-belief, its normal form and its variants, in the order of the sheet.

Source: Chen and Micali 2016 (paper 003).
"""

from unrigged.claims.best_belief import collusion, players, rationality, remarks, variants, welfare

CLAIMS = (
    *rationality.CLAIMS,
    *collusion.CLAIMS,
    *remarks.CLAIMS,
    *players.CLAIMS,
    *welfare.CLAIMS,
    *variants.CLAIMS,
)

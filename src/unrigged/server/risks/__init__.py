"""What participants and the house risk in each mechanism: one file per family of mechanisms."""

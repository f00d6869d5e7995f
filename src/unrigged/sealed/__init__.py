"""What a live session and its audit share: bytes in one form, sealed moves, public coins, the tree of the log."""

"""Moves and move spaces: what may be announced, how it is written, what silence means, how many bits it takes."""

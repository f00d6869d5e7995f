"""The games in strategic form that the solvers of this package work on; they stand in `unrigged.strategic`, where the
checker of certificates finds them without any solver."""

from unrigged.strategic import (
    Allowed,
    Codes,
    NormalForm,
    Notion,
    Payoffs,
    Profile,
    Region,
    coded,
    profile_with,
)

__all__ = ["Allowed", "Codes", "NormalForm", "Notion", "Payoffs", "Profile", "Region", "coded", "profile_with"]

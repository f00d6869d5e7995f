"""The ledger: every printed claim of the papers as something that runs, and answers with a verdict."""

from unrigged.claims.base import AS_PRINTED, Claim, Evidence, Reading, Scope, Watch, build, replaced
from unrigged.claims.counterexample import Counterexample, Figure, Relation, scripted

__all__ = [
    "AS_PRINTED",
    "Claim",
    "Counterexample",
    "Evidence",
    "Figure",
    "Reading",
    "Relation",
    "Scope",
    "Watch",
    "build",
    "replaced",
    "scripted",
]

"""Leveraging (paper 002): what the paper says of benchmarks, of VCG, and of mechanisms for independent players."""

from __future__ import annotations

from unrigged.claims.base import Claim

BENCHMARKS: tuple[Claim, ...] = ()

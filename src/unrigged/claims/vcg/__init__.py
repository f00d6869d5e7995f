"""What is said of VCG and of the second-price auction, which the five papers compare their mechanisms with."""

from unrigged.claims.vcg.truthful import CLAIMS

__all__ = ["CLAIMS"]

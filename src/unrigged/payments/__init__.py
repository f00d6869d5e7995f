"""What winners pay: VCG payments and core-selecting payments, exactly."""

from unrigged.payments.core import Blocking, CoreVerdict, core_constraints, core_payments, in_core
from unrigged.payments.model import CoreConstraint, Payments
from unrigged.payments.vcg import vcg_payments

__all__ = [
    "Blocking",
    "CoreConstraint",
    "CoreVerdict",
    "Payments",
    "core_constraints",
    "core_payments",
    "in_core",
    "vcg_payments",
]

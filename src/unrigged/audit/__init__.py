"""Verifies a finished session from its bundle alone, offline, sharing no code with the server."""

from unrigged.audit.bundle import Bundle, read_bundle, write_bundle
from unrigged.audit.findings import Broken, Findings, at
from unrigged.audit.log import Auditor, audit, audited
from unrigged.audit.report import report

__all__ = ["Auditor", "Broken", "Bundle", "Findings", "at", "audit", "audited", "read_bundle", "report", "write_bundle"]

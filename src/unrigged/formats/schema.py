"""The JSON Schema of scenario files, and what it says of a document."""

from __future__ import annotations

import json
from fractions import Fraction
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def _text() -> str:
    return (files("unrigged") / "schema" / "scenario.schema.json").read_text(encoding="utf-8")


def scenario_schema() -> dict[str, Any]:
    """The schema (JSON Schema, draft 2020-12), as published in the package."""
    schema: dict[str, Any] = json.loads(_text())
    return schema


def schema_problems(document: object) -> list[str]:
    """Where `document` (as `read_document` gives it) departs from the schema, place by place; [] for nowhere.

    The schema knows the form only; the reader of scenarios also knows names, ranges and what fits together.
    """
    from jsonschema import Draft202012Validator
    from jsonschema.validators import extend

    def is_number(checker: object, value: object) -> bool:
        return isinstance(value, int | Fraction) and not isinstance(value, bool)

    base = Draft202012Validator
    validator = extend(base, type_checker=base.TYPE_CHECKER.redefine("number", is_number))(scenario_schema())
    errors = sorted(validator.iter_errors(document), key=lambda error: [str(step) for step in error.path])
    return [f"{'.'.join(map(str, error.path)) or 'document'}: {error.message[:200]}" for error in errors]

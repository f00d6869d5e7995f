"""Types from their written form (the scenario file's and the moves' JSON), with errors that name the place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from unrigged.errors import InputError, nearest
from unrigged.setting import Goods, States
from unrigged.valuations.additive import Additive, BudgetAdditive, UnitDemand
from unrigged.valuations.base import Valuation
from unrigged.valuations.bids import OR, XOR, ExactBundles, ORStar, SingleMinded
from unrigged.valuations.states import StateValues
from unrigged.valuations.table import Table

Written = Mapping[str, Any]


def read_type(written: object, domain: Goods | States, where: str = "type") -> Valuation | StateValues:
    """The type that `written` describes, over `domain`.

    `written` is a mapping with a `kind` and that kind's fields, as `to_json` gives it; in the states domain a plain
    mapping from states to values will do, and in the goods domain one from goods to values is additive.
    Raises InputError naming the place below `where`.
    """
    if not isinstance(written, Mapping):
        raise InputError(where, written, "a mapping that describes values")
    try:
        if isinstance(domain, States):
            return StateValues(domain, _field(written, "values") if "kind" in written else written)
        if "kind" not in written:
            return Additive(domain, written)
        kind = written["kind"]
        if kind not in _READERS:
            raise InputError("kind", kind, "a kind of valuation", nearest(str(kind), list(_READERS)))
        fields, reader = _READERS[kind]
        for key in written:
            if key not in fields and key != "kind":
                raise InputError(
                    str(key), f"the field '{key}'", f"only fields of the kind {kind}", nearest(str(key), list(fields))
                )
        return reader(domain, written)
    except InputError as error:
        raise InputError(f"{where}: {error.where}", error.found, error.expected, error.fix) from None


def _field(written: Written, name: str) -> Any:
    if name not in written:
        raise InputError(name, "nothing", f"the field '{name}'")
    return written[name]


def _bids(written: Written, *, dummies: bool = False) -> list[tuple[Any, ...]]:
    rows = _field(written, "bids")
    if not isinstance(rows, list):
        raise InputError("bids", rows, "a list of bids")
    answer: list[tuple[Any, ...]] = []
    for position, row in enumerate(rows):
        if not isinstance(row, Mapping) or not {"goods", "value"} <= set(row):
            raise InputError(f"bids[{position}]", row, "a bid with 'goods' and 'value'")
        extra = set(row) - {"goods", "value"} - ({"dummies"} if dummies else set())
        if extra:
            raise InputError(f"bids[{position}]", f"the field '{min(extra)}'", "only 'goods' and 'value'")
        bid = (_names(row["goods"], f"bids[{position}].goods"), row["value"])
        answer.append((*bid, _names(row.get("dummies", []), f"bids[{position}].dummies")) if dummies else bid)
    return answer


def _names(written: object, where: str) -> list[str]:
    names = [written] if isinstance(written, str) else written
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise InputError(where, written, "a list of names")
    return names


Reader = Callable[[Goods, Written], Valuation]

_READERS: dict[str, tuple[tuple[str, ...], Reader]] = {
    "additive": (("values", "capacity"), lambda goods, w: Additive(goods, _field(w, "values"), w.get("capacity"))),
    "unit-demand": (("values",), lambda goods, w: UnitDemand(goods, _field(w, "values"))),
    "budget-additive": (
        ("values", "budget"),
        lambda goods, w: BudgetAdditive(goods, _field(w, "values"), _field(w, "budget")),
    ),
    "single-minded": (
        ("goods", "value"),
        lambda goods, w: SingleMinded(goods, _names(_field(w, "goods"), "goods"), _field(w, "value")),
    ),
    "or": (("bids",), lambda goods, w: OR(goods, _bids(w))),
    "xor": (("bids",), lambda goods, w: XOR(goods, _bids(w))),
    "or*": (("bids",), lambda goods, w: ORStar(goods, _bids(w, dummies=True))),
    "exact": (("bids",), lambda goods, w: ExactBundles(goods, _bids(w))),
    "table": (("values",), lambda goods, w: _read_table(goods, _field(w, "values"))),
}


def _read_table(goods: Goods, values: object) -> Table:
    if isinstance(values, Mapping):
        named = {tuple(name.strip() for name in str(names).split(",")): value for names, value in values.items()}
        return Table.from_names(goods, named)
    if not isinstance(values, list):
        raise InputError("values", values, "a list of all 2^m values, or a mapping from sets of goods to values")
    return Table(goods, values)

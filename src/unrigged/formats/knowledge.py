"""The field `knowledge` of a scenario file, read and written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from unrigged.context import Bounds, Box, Context, Knowledge, Nothing, Perfect, Precision, Profiles
from unrigged.errors import InputError, nearest
from unrigged.exact import integer
from unrigged.setting import Setting
from unrigged.valuations import Type, read_type

WORDS = ("perfect", "none")
MAPPINGS = ("precision", "bounds", "belief", "profiles")


def read_knowledge(given: object, setting: Setting, types: tuple[Type, ...]) -> tuple[Knowledge, ...]:
    """Everybody's knowledge: one for all, or by player (perfect for those not named). InputError naming the place."""
    if given is None:
        return (Perfect(),) * setting.n
    if isinstance(given, str) or _is_precision(given, setting):
        return tuple(_read(given, player, setting, types, "knowledge") for player in setting.everyone)
    if not isinstance(given, Mapping):
        raise InputError("knowledge", given, "perfect, none, {precision: ...}, or one of these for each player")
    for name in given:
        if name not in setting.players and name in MAPPINGS:
            raise InputError(
                "knowledge", f"'{name}' for everybody", "it player by player", f"write {{ann: {{{name}: ...}}}}"
            )
        setting.player(name, "knowledge")
    return tuple(
        _read(given[name], player, setting, types, f"knowledge.{name}") if name in given else Perfect()
        for player, name in enumerate(setting.players)
    )


def _is_precision(given: object, setting: Setting) -> bool:
    return isinstance(given, Mapping) and set(given) == {"precision"} and "precision" not in setting.players


def _read(given: object, player: int, setting: Setting, types: tuple[Type, ...], where: str) -> Knowledge:
    if isinstance(given, str):
        if given not in WORDS:
            fix = nearest(given, [*WORDS, *MAPPINGS])
            raise InputError(where, f"'{given}'", "perfect, none, or a mapping that says what is known", fix)
        return Perfect() if given == "perfect" else Nothing()
    if not isinstance(given, Mapping) or len(given) != 1:
        raise InputError(where, given, "perfect, none, or one of precision, bounds, belief and profiles")
    kind, content = next(iter(given.items()))
    if kind not in MAPPINGS:
        raise InputError(where, f"'{kind}'", "a kind of knowledge", nearest(kind, [*WORDS, *MAPPINGS]))
    place = f"{where}.{kind}"
    if kind == "precision":
        return Precision(integer(content, place, least=1))
    return _KINDS[kind](content, player, setting, types, place)


def _types_of(given: object, player: int, setting: Setting, where: str) -> dict[int, Type]:
    """Types of other players, by name."""
    if not isinstance(given, Mapping):
        raise InputError(where, given, "a mapping from other players to types")
    domain = setting.goods if setting.goods is not None else setting.need_states("a type")
    found: dict[int, Type] = {}
    for name, written_type in given.items():
        other = setting.player(name, where)
        if other == player:
            raise InputError(f"{where}.{name}", "the player himself", "what he knows of the others")
        found[other] = read_type(written_type, domain, f"{where}.{name}")
    return found


def _bounds(given: object, player: int, setting: Setting, types: tuple[Type, ...], where: str) -> Knowledge:
    return Bounds(_types_of(given, player, setting, where))


def _belief(given: object, player: int, setting: Setting, types: tuple[Type, ...], where: str) -> Knowledge:
    if not isinstance(given, Mapping) or not set(given) <= {"lower", "upper"}:
        raise InputError(where, given, "a mapping with 'lower' and 'upper'")
    sides = {side: _types_of(given.get(side, {}), player, setting, f"{where}.{side}") for side in ("lower", "upper")}
    return Box(sides["lower"], sides["upper"])


def _profiles(given: object, player: int, setting: Setting, types: tuple[Type, ...], where: str) -> Knowledge:
    if not isinstance(given, list) or not given:
        raise InputError(where, given, "a list of profiles, not empty: a type for each of the others")
    profiles = []
    for position, row in enumerate(given):
        place = f"{where}[{position}]"
        if not isinstance(row, Mapping):
            raise InputError(place, row, "a mapping from players to types")
        own = setting.players[player]
        others = _types_of({name: one for name, one in row.items() if name != own}, player, setting, place)
        missing = [name for i, name in enumerate(setting.players) if i != player and i not in others]
        if missing:
            raise InputError(f"{place}.{missing[0]}", "nothing", f"a type of {missing[0]}")
        others[player] = types[player]
        if own in row:
            domain = setting.goods if setting.goods is not None else setting.need_states("a type")
            others[player] = read_type(row[own], domain, f"{place}.{own}")
        profiles.append(tuple(others[i] for i in setting.everyone))
    return Profiles(tuple(profiles))


_KINDS: dict[str, Callable[[object, int, Setting, tuple[Type, ...], str], Knowledge]] = {
    "bounds": _bounds,
    "belief": _belief,
    "profiles": _profiles,
}


def knowledge_to_json(context: Context) -> Any:
    """The field `knowledge` of `context`; one entry for all where all know alike."""
    names = context.setting.players
    rows = [_written(known, names) for known in context.knowledge]
    alike = all(row == rows[0] for row in rows) and isinstance(context.knowledge[0], Perfect | Nothing | Precision)
    return rows[0] if alike else dict(zip(names, rows, strict=True))


def _written(known: Knowledge, names: tuple[str, ...]) -> Any:
    if isinstance(known, Precision):
        return {"precision": known.step}
    if isinstance(known, Bounds):
        return {"bounds": _by_name(known.lower, names)}
    if isinstance(known, Box):
        upper = {"upper": _by_name(known.upper, names)} if known.upper else {}
        return {"belief": {"lower": _by_name(known.lower, names), **upper}}
    if isinstance(known, Profiles):
        rows = [dict(zip(names, profile, strict=True)) for profile in known.profiles]
        return {"profiles": [{name: one.to_json() for name, one in row.items()} for row in rows]}
    return "perfect" if isinstance(known, Perfect) else "none"


def _by_name(types: Mapping[int, Type], names: tuple[str, ...]) -> dict[str, Any]:
    return {names[player]: one.to_json() for player, one in sorted(types.items())}

"""The scenario file, read: a document of named fields becomes a checked `Scenario`. The format: docs/scenario.md."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches
from fractions import Fraction
from pathlib import Path
from typing import Any

from unrigged.context import Coalition, Context
from unrigged.context_check import smallest_bound, types_in, uncovered
from unrigged.errors import InputError, nearest
from unrigged.exact import integer, rational, to_json
from unrigged.formats.auction_file import AuctionFile
from unrigged.formats.auctions import auction_path, check_whole, read_auction
from unrigged.formats.documents import exactly, inside
from unrigged.formats.knowledge import read_knowledge
from unrigged.mechanisms import mechanism_named
from unrigged.mechanisms.base import Mechanism
from unrigged.moves.base import allocation_from_json
from unrigged.scenario import DEFAULT_SCALE, KINDS, Plan, Scenario
from unrigged.setting import Goods, Setting, States
from unrigged.valuations import Type, read_type
from unrigged.winners import METHODS

VERSION = 1

FIELDS = (
    "unrigged", "title", "mechanism", "parameters", "players", "goods", "states", "endowment", "value_bound", "auction",
    "types", "knowledge", "coalitions", "strategies", "moves",
)  # fmt: skip
"""The fields of a scenario file, in the order in which they are written."""

FROM_AUCTION = ("players", "goods", "states", "types", "endowment")
"""What an auction file says, and the scenario must not say again."""


def scenario_from(
    document: Mapping[str, Any], where: str = "", *, folder: Path | None = None, check: bool = True
) -> Scenario:
    """The scenario that `document` (as a file's reader or a Python program gives it) describes.

    `where` names it in errors; `folder` is where the files it mentions are looked for. With `check`, the context must
    also be one for which the mechanism makes its promise. Raises InputError naming the place (`types.alice: bids[0]`).
    """
    if where:
        with inside(where):
            return _read(document, where, folder, check)
    return _read(document, where, folder, check)


def _read(given: Mapping[str, Any], source: str, folder: Path | None, check: bool) -> Scenario:
    if not isinstance(given, Mapping):
        raise InputError("scenario", given, "a mapping with named fields")
    document: dict[str, Any] = exactly(dict(given), "scenario")
    only(document, FIELDS, "")
    version = document.get("unrigged", VERSION)
    if version != VERSION:
        raise InputError("unrigged", version, f"{VERSION}, the version of the format that this program reads")
    notes: list[str] = []
    kind, parameters = _mechanism(document)
    auction = _auction(document, folder)
    setting = auction.setting if auction is not None else _setting(document)
    if auction is not None:
        notes.extend(auction.notes)
        setting = replace(setting, value_bound=_value_bound(document))
    types = auction.types if auction is not None else _types(document, setting)
    context = None if types is None else _context(document, setting, types)
    if types is None:
        _without_types(document)
    if context is not None:
        context = _bounded(kind, context, notes)
        setting = context.setting
    mechanism = _built(kind, setting, parameters)
    plans = _plans(document, mechanism, context)
    moves = _moves(document, setting)
    scenario = Scenario(mechanism, context, _text(document, "title"), plans, moves, tuple(notes), source)
    if auction is not None and check:
        check_whole(auction, mechanism, str(auction_path(document["auction"], folder)), "scale: {} in auction")
    if check:
        scenario.check()
    return _with_notes(scenario)


def scenario_of_auction(auction: AuctionFile, mechanism: str, source: str = "", *, check: bool = True) -> Scenario:
    """The scenario in which `auction` is run by a mechanism with its defaults, everybody knowing everything."""
    kind = mechanism_named(mechanism)
    notes = [*auction.notes, f"the mechanism {mechanism} is assumed, everybody knows all values, and nobody colludes"]
    context = _bounded(kind, Context(auction.setting, auction.types), notes)
    built = _built(kind, context.setting, {})
    scenario = Scenario(built, context, Path(source).stem, notes=tuple(notes), source=source)
    if check:
        check_whole(auction, built, source, "auction: {{file: ..., scale: {}}} in a scenario")
        scenario.check()
    return scenario


def _check_label(label: str, met: tuple[str, ...]) -> None:
    """InputError for a label of scripted moves that is almost one that there is (numbered ones are not compared)."""
    word = label.split(" ")[0]
    known = list(dict.fromkeys(each.split(" ")[0] for each in met))
    close = get_close_matches(word.lower(), known, n=1, cutoff=0.75)
    if word not in known and close:
        raise InputError(f"moves.{label}", f"the label '{label}'", "the label of a decision", nearest(label, list(met)))


def _bounded(kind: type[Mechanism], context: Context, notes: list[str]) -> Context:
    """`context`, with a value bound where the mechanism needs one and there is none."""
    if not kind.requires.value_bound or context.setting.value_bound is not None:
        return context
    bound = smallest_bound(types_in(context))
    notes.append(f"value_bound: {bound} is assumed, the smallest power of two above the size of every value")
    return replace(context, setting=replace(context.setting, value_bound=bound))


def only(fields: Mapping[str, Any], known: tuple[str, ...], where: str) -> None:
    """InputError, with the nearest name, where `fields` has one that is not `known`."""
    for key in fields:
        if key not in known:
            place = f"{where}.{key}" if where else key
            raise InputError(place, f"the field '{key}'", "a known field", nearest(key, list(known)))


def _text(document: Mapping[str, Any], name: str) -> str:
    value = document.get(name, "")
    if not isinstance(value, str):
        raise InputError(name, value, "a text", "write it in quotes")
    return value


def _mechanism(document: Mapping[str, Any]) -> tuple[type[Mechanism], Mapping[str, Any]]:
    name = document.get("mechanism")
    parameters = document.get("parameters")
    place = "parameters"
    if isinstance(name, Mapping):
        only(name, ("name", "parameters"), "mechanism")
        if parameters is not None and "parameters" in name:
            raise InputError("parameters", "parameters here and in mechanism", "parameters in one place")
        if "parameters" in name:
            parameters, place = name["parameters"], "mechanism.parameters"
        name = name.get("name")
    if name is None:
        raise InputError("mechanism", "nothing", "the name of a mechanism", "unrigged mechanisms lists them")
    if not isinstance(name, str):
        raise InputError("mechanism", name, "the name of a mechanism")
    if parameters is not None and not isinstance(parameters, Mapping):
        raise InputError(place, parameters, "a mapping from parameters to their values")
    return mechanism_named(name), parameters or {}


def _built(kind: type[Mechanism], setting: Setting, parameters: Mapping[str, Any]) -> Mechanism:
    """The mechanism; errors about a parameter name the place `parameters.<name>`."""
    try:
        return kind.build(setting, parameters)
    except InputError as error:
        named = error.where.split(".")[0].split("[")[0]
        if named in [each.name for each in kind.parameters()]:
            raise InputError(f"parameters.{error.where}", error.found, error.expected, error.fix) from None
        raise


def _auction(document: Mapping[str, Any], folder: Path | None) -> AuctionFile | None:
    given = document.get("auction")
    if given is None:
        return None
    for name in FROM_AUCTION:
        if name in document:
            raise InputError(
                name, f"'{name}' beside 'auction'", "one of them: the auction file says it", f"drop {name}"
            )
    with inside("auction"):
        return read_auction(given, folder)


def names_in(value: object, where: str) -> list[str]:
    """`value` as a list of names; numbers are refused with the advice to quote them."""
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list):
        raise InputError(where, value, "a list of names")
    for position, name in enumerate(names):
        if not isinstance(name, str):
            found = to_json(name) if isinstance(name, int | Fraction) and not isinstance(name, bool) else name
            raise InputError(f"{where}[{position}]", found, "a name", f'write it in quotes: "{found}"')
    return names


def _setting(document: Mapping[str, Any]) -> Setting:
    if "players" not in document:
        raise InputError("players", "nothing", "the names of the players")
    players = tuple(names_in(document["players"], "players"))
    goods = states = endowment = None
    owned = document.get("endowment")
    if document.get("states") is not None:
        states = States(names_in(document["states"], "states"))
    if document.get("goods") is not None:
        goods = Goods(names_in(document["goods"], "goods"))
    elif isinstance(owned, Mapping) and states is None:
        named = [good for name, listed in owned.items() for good in names_in(listed, f"endowment.{name}")]
        goods = Goods(dict.fromkeys(named))
    if goods is None and states is None:
        raise InputError("goods", "neither goods nor states", "the goods for sale, or the states to choose from")
    if goods is not None and states is not None:
        raise InputError("states", "goods and states", "one of them")
    bound = _value_bound(document)
    if owned is not None:
        if goods is None:
            raise InputError("endowment", "an endowment", "none, as there are states and no goods")
        endowment = allocation_from_json(Setting(players, goods), owned, "endowment")
    return Setting(players, goods, states, endowment, bound)


def _value_bound(document: Mapping[str, Any]) -> int | None:
    bound = document.get("value_bound")
    return None if bound is None else integer(bound, "value_bound", least=1)


def _types(document: Mapping[str, Any], setting: Setting) -> tuple[Type, ...] | None:
    given = document.get("types")
    if given is None:
        return None
    return read_types(given, setting, "types")


def read_types(given: object, setting: Setting, where: str) -> tuple[Type, ...]:
    """A type for every player, by name; InputError where one is missing or too many."""
    if not isinstance(given, Mapping):
        raise InputError(where, given, "a mapping from players to their types")
    for name in given:
        setting.player(name, where)
    for name in setting.players:
        if name not in given:
            raise InputError(f"{where}.{name}", "nothing", f"a type of {name}: what things are worth to him")
    domain = setting.goods if setting.goods is not None else setting.need_states("a type")
    return tuple(read_type(given[name], domain, f"{where}.{name}") for name in setting.players)


def _context(document: Mapping[str, Any], setting: Setting, types: tuple[Type, ...]) -> Context:
    knowledge = read_knowledge(document.get("knowledge"), setting, types)
    return Context(setting, types, knowledge, _coalitions(document, setting))


def _coalitions(document: Mapping[str, Any], setting: Setting) -> tuple[Coalition, ...]:
    given = document.get("coalitions")
    if given is None:
        return ()
    if not isinstance(given, list):
        raise InputError("coalitions", given, "a list of coalitions, each a list of players")
    blocks = []
    for position, block in enumerate(given):
        where = f"coalitions[{position}]"
        if isinstance(block, str):
            raise InputError(where, block, "a list of players", f"write [[{', '.join(map(str, given))}]]")
        blocks.append(tuple(setting.player(name, where) for name in names_in(block, where)))
    return tuple(blocks)


def _without_types(document: Mapping[str, Any]) -> None:
    for name in ("knowledge", "coalitions"):
        if document.get(name) is not None:
            raise InputError(name, f"'{name}' without types", "types as well", f"add types, or drop {name}")


def _plans(
    document: Mapping[str, Any], mechanism: Mechanism, context: Context | None
) -> tuple[tuple[Coalition, Plan], ...]:
    given = document.get("strategies")
    setting = mechanism.setting
    agents = context.coalitions if context is not None else tuple((i,) for i in setting.everyone)
    if given is None:
        return ()
    one_for_all = isinstance(given, Mapping) and len(given) == 1 and set(given) <= set(KINDS) - set(setting.players)
    if isinstance(given, str) or one_for_all:
        return tuple((agent, read_plan(given, "strategies")) for agent in agents)
    if not isinstance(given, Mapping):
        raise InputError("strategies", given, "a strategy, or one for each player or coalition")
    plans: dict[Coalition, Plan] = {}
    for key, written_plan in given.items():
        agent = _agent(key, setting, agents)
        if agent in plans:
            members = ", ".join(setting.players[player] for player in agent)
            raise InputError(f"strategies.{key}", f"a second strategy of {members}", "one for those who act as one")
        plans[agent] = read_plan(written_plan, f"strategies.{key}")
    return tuple(plans.items())


def _agent(key: str, setting: Setting, agents: tuple[Coalition, ...]) -> Coalition:
    """The agent that `key` names: a player, or members of a coalition joined by +."""
    where = f"strategies.{key}"
    names = [key] if key in setting.players else [name.strip() for name in key.split("+")]
    members = {setting.player(name, where) for name in names}
    agent = next(agent for agent in agents if members & set(agent))
    if not members <= set(agent):
        raise InputError(where, f"{key}, who do not act as one", "a player, or members of one coalition")
    return agent


def read_plan(given: object, where: str) -> Plan:
    """The strategy that `given` writes: a kind, or a kind with its options."""
    if isinstance(given, Mapping) and len(given) == 1:
        kind, options = next(iter(given.items()))
    elif isinstance(given, str):
        kind, options = given, None
    else:
        raise InputError(where, given, f"a strategy: one of {', '.join(KINDS)}")
    if kind not in KINDS:
        raise InputError(where, f"'{kind}'", "a kind of strategy", nearest(kind, list(KINDS)))
    if kind == "random":
        return _random(options, f"{where}.random")
    if kind == "mixed":
        return _mixed(options, f"{where}.mixed")
    if options is None:
        return Plan(kind)
    if kind == "rational":
        return _rational(options, f"{where}.rational")
    raise InputError(f"{where}.{kind}", options, "no options")


def _rational(options: object, where: str) -> Plan:
    fields = {"reading": options} if isinstance(options, str) else options
    if not isinstance(fields, Mapping):
        raise InputError(where, options, "a reading of rational play, or a mapping with 'reading' and 'search'")
    only(fields, ("reading", "search"), where)
    reading, search = fields.get("reading", ""), fields.get("search", "best")
    if not isinstance(reading, str):
        raise InputError(f"{where}.reading", reading, "a reading of rational play")
    if isinstance(search, Mapping) and set(search) == {"truncated"}:
        nodes = integer(search["truncated"], f"{where}.search.truncated", least=1)
        return Plan("rational", reading=reading, search="truncated", nodes=nodes)
    for method in METHODS:
        if search == method:
            return Plan("rational", reading=reading, search=method)
    fix = nearest(search, list(METHODS)) if isinstance(search, str) else ""
    raise InputError(f"{where}.search", search, "a way to search, or {truncated: subproblems}", fix)


def _random(options: object, where: str) -> Plan:
    fields = {} if options is None else options if isinstance(options, Mapping) else {"scale": options}
    only(fields, ("scale", "seed"), where)
    scale = integer(fields.get("scale", DEFAULT_SCALE), f"{where}.scale", least=1)
    return Plan("random", scale=scale, seed=integer(fields.get("seed", 0), f"{where}.seed"))


def _mixed(options: object, where: str) -> Plan:
    if not isinstance(options, list) or not options:
        raise InputError(where, options, "a list of strategies with their probabilities")
    actions = []
    for position, row in enumerate(options):
        place = f"{where}[{position}]"
        if not isinstance(row, Mapping) or set(row) != {"probability", "strategy"}:
            raise InputError(place, row, "a mapping with 'probability' and 'strategy'")
        actions.append((rational(row["probability"], f"{place}.probability"), read_plan(row["strategy"], place)))
    try:
        return Plan("mixed", actions=tuple(actions))
    except InputError as error:
        raise InputError(where, error.found, error.expected) from None


def _moves(document: Mapping[str, Any], setting: Setting) -> dict[str, dict[str, Any]]:
    given = document.get("moves")
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise InputError("moves", given, "a mapping from labels of decisions to the moves made there")
    for label, made in given.items():
        if not isinstance(made, Mapping):
            raise InputError(f"moves.{label}", made, "a mapping from players to moves")
        for name in made:
            setting.player(name, f"moves.{label}")
    moves: dict[str, dict[str, Any]] = plain(given)
    return moves


def plain(value: Any) -> Any:
    """`value` with its exact numbers as JSON writes them (1/2 as the text "1/2")."""
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, int | Fraction) and not isinstance(value, bool):
        return to_json(value)
    return value


def _with_notes(scenario: Scenario) -> Scenario:
    """`scenario` with notes on what its reader should know: who stays silent, labels that no decision seems to have."""
    notes = list(scenario.notes)
    if scenario.context is None and all(plan.kind == "silent" for _, plan in scenario.plans):
        notes.append("there are no types: whoever has no scripted move stays silent")
    if scenario.context is not None:
        notes.extend(uncovered(scenario.mechanism, scenario.context))
    unmet, met = scenario.unmet_labels()
    for label in unmet:
        _check_label(label, met)
    notes.extend(
        f"moves.{label}: no decision of that label was met in trial plays ({nearest(label, list(met))})"
        for label in unmet
    )
    return replace(scenario, notes=tuple(notes))

"""Transcripts: one play as JSON that holds everything needed to decode it, replay it and check how it ended."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from unrigged.errors import InputError, nearest
from unrigged.exact import exact, integer, written
from unrigged.mechanisms import mechanism_named
from unrigged.mechanisms.base import Mechanism
from unrigged.moves.base import allocation_from_json, allocation_to_json, fields_of, names_in
from unrigged.outcome import Outcome, Result
from unrigged.protocol import Chance, Decision, Event, History, Position, settle
from unrigged.protocol import replay as replayed
from unrigged.setting import NULL_STATE, Goods, Setting, States


@dataclass(frozen=True)
class Transcript:
    """One finished play: the mechanism (with its setting and parameters), what happened, how it ended, the seed."""

    mechanism: Mechanism
    history: History
    outcome: Outcome
    seed: int | None = None

    def to_json(self) -> dict[str, Any]:
        """The transcript as JSON."""
        return transcript_to_json(self.mechanism, self.history, self.outcome, self.seed)


def transcript_to_json(
    mechanism: Mechanism, history: History, outcome: Outcome, seed: int | None = None
) -> dict[str, Any]:
    """A play as JSON; moves are written by their spaces. InputError where the history does not fit the mechanism."""
    return {
        "mechanism": mechanism.name,
        "parameters": {
            each.name: parameter_to_json(mechanism, getattr(mechanism, each.name)) for each in mechanism.parameters()
        },
        "setting": setting_to_json(mechanism.setting),
        **({} if seed is None else {"seed": seed}),
        "events": list(events_to_json(mechanism, history)),
        "outcome": outcome_to_json(mechanism.setting, outcome),
    }


def events_to_json(mechanism: Mechanism, history: History) -> Iterable[dict[str, Any]]:
    """What happened, event by event; moves are written by their spaces. InputError where it does not fit."""
    names = mechanism.setting.players
    position: Position = settle(mechanism.start())[0]
    for event in history:
        if isinstance(position, Chance):
            branch = position.branch(event.side)
            yield {"label": event.label, "side": event.side, "probability": written(branch.probability)}
            position = settle(branch.then())[0]
        elif isinstance(position, Decision):
            made = dict(event.moves)
            moves = {names[player]: space.encode(made[player]) for player, space in position.actors}
            yield {"label": event.label, "moves": moves}
            position = settle(position.after([made[player] for player, _ in position.actors]))[0]
        else:
            raise InputError("transcript", f"'{event.label}' after the end", "nothing after the outcome")


def transcript_from_json(document: object, where: str = "transcript") -> Transcript:
    """The transcript that `document` writes, verified: every move is decoded at its decision and legal there, every
    coin shows a side it has with the probability stated, and the outcome is the one the mechanism comes to.

    Further fields, as `unrigged run --json` prints them, are not read. Raises InputError naming the event and player.
    """
    fields = _mapping(document, where)
    setting = setting_from_json(_need(fields, "setting", where), f"{where}.setting")
    kind = mechanism_named(str(_need(fields, "mechanism", where)), f"{where}.mechanism")
    parameters = _mapping(fields.get("parameters", {}), f"{where}.parameters")
    mechanism = kind.build(setting, dict(parameters))
    history, outcome = _walk(mechanism, _need(fields, "events", where), f"{where}.events")
    if not isinstance(outcome, Outcome):
        raise InputError(f"{where}.events", "its end", f"'{outcome.label}' next")
    stated = outcome_from_json(setting, _need(fields, "outcome", where), f"{where}.outcome")
    if stated != outcome:
        expected = outcome_to_json(setting, outcome)
        raise InputError(f"{where}.outcome", outcome_to_json(setting, stated), f"{expected}, which the play leads to")
    seed = fields.get("seed")
    return Transcript(mechanism, history, outcome, None if seed is None else integer(seed, f"{where}.seed"))


def history_from_json(mechanism: Mechanism, document: object, where: str = "transcript") -> History:
    """What has happened so far in a play of `mechanism`: the `events` of `document`, verified, to the end or not.

    Where the document names mechanism, parameters or setting they must be those of `mechanism`; other fields are not
    read. Raises InputError naming the event and player.
    """
    fields = _mapping(document, where)
    played = mechanism.name
    if fields.get("mechanism", played) != played:
        raise InputError(f"{where}.mechanism", f"'{fields['mechanism']}'", f"'{played}', which is played here")
    if "setting" in fields and setting_from_json(fields["setting"], f"{where}.setting") != mechanism.setting:
        raise InputError(f"{where}.setting", "another setting", "the players and the goods or states that play here")
    for name, value in _mapping(fields.get("parameters", {}), f"{where}.parameters").items():
        own = parameter_to_json(mechanism, getattr(mechanism, name, None))
        if own != value:
            raise InputError(f"{where}.parameters.{name}", value, f"{own}, with which it is played here")
    return _walk(mechanism, _need(fields, "events", where), f"{where}.events")[0]


def replay(transcript: Transcript) -> Outcome:
    """The outcome the transcript's history leads to, everything checked again; InputError where it states another."""
    outcome = replayed(transcript.mechanism, transcript.history)
    if outcome != transcript.outcome:
        raise InputError("transcript.outcome", transcript.outcome, f"{outcome}, which the play leads to")
    return outcome


def _walk(mechanism: Mechanism, events: object, where: str) -> tuple[History, Decision | Chance | Outcome]:
    """The history that `events` write, and the position it leads to."""
    if not isinstance(events, list):
        raise InputError(where, events, "a list of events")
    history: list[Event] = []
    position, paid = settle(mechanism.start())
    for number, written_event in enumerate(events):
        place = f"{where}[{number}]"
        event = _mapping(written_event, place)
        label = _need(event, "label", place)
        if isinstance(position, Outcome):
            raise InputError(place, f"'{label}' after the end", "nothing after the outcome")
        if label != position.label:
            raise InputError(f"{place}.label", f"'{label}'", f"'{position.label}', which comes next")
        if isinstance(position, Chance):
            fields_of(event, ("label", "side", "probability"), place)
            side = _need(event, "side", place)
            branch = _branch(position, side, place)
            _check_probability(event, branch.probability, place)
            history.append(Event(position.label, side=branch.name))
            position, paid = settle(branch.then(), paid)
        else:
            fields_of(event, ("label", "moves"), place)
            moves = _moves(position, _need(event, "moves", place), f"{place}.moves")
            history.append(Event(position.label, moves=moves))
            position, paid = settle(position.after([move for _, move in moves]), paid)
    return tuple(history), position


def _branch(chance: Chance, side: object, where: str) -> Any:
    try:
        return chance.branch(str(side))
    except InputError as error:
        raise InputError(f"{where}.side", error.found, error.expected) from None


def _check_probability(event: Mapping[str, Any], probability: Fraction, where: str) -> None:
    if "probability" in event and exact(event["probability"], f"{where}.probability") != probability:
        raise InputError(f"{where}.probability", event["probability"], written(probability))


def _moves(decision: Decision, given: object, where: str) -> tuple[tuple[int, Any], ...]:
    names = decision.then.mechanism.setting.players
    acting = [names[player] for player, _ in decision.actors]
    made = _mapping(given, where)
    for name in made:
        if name not in acting:
            raise InputError(
                where, f"a move of '{name}'", f"moves of those who decide here: {', '.join(acting)}",
                nearest(str(name), acting),
            )  # fmt: skip
    answer = []
    for player, space in decision.actors:
        if names[player] not in made:
            raise InputError(where, f"no move of {names[player]}", "a move of everyone who decides here")
        answer.append((player, space.decode(made[names[player]], f"{where}.{names[player]}")))
    return tuple(answer)


def parameter_to_json(mechanism: Mechanism, value: object) -> Any:
    """A parameter as JSON: exact numbers as texts, outcomes by names, words as they are."""
    if isinstance(value, Outcome):
        return outcome_to_json(mechanism.setting, value)
    if isinstance(value, list | tuple):
        return [parameter_to_json(mechanism, item) for item in value]
    if isinstance(value, int | Fraction) and not isinstance(value, bool):
        return written(value)
    return value


def outcome_to_json(setting: Setting, outcome: Outcome) -> dict[str, Any]:
    """An outcome as JSON: `allocation` (player to goods) or `state` (None for the null state), and all `prices`."""
    prices = {name: written(price) for name, price in zip(setting.players, outcome.prices, strict=True)}
    return {**result_to_json(setting, outcome.result), "prices": prices}


def result_to_json(setting: Setting, result: Result) -> dict[str, Any]:
    """An allocation or a state as JSON."""
    if isinstance(result, tuple):
        return {"allocation": allocation_to_json(setting, result)}
    return {"state": None if result == NULL_STATE else setting.need_states("an outcome")[result]}


def outcome_from_json(setting: Setting, data: object, where: str = "outcome") -> Outcome:
    """The outcome that `data` writes; a player without a price pays 0. InputError naming the place."""
    result: Result
    if setting.goods is not None:
        fields = fields_of(data, ("allocation", "prices"), where)
        result = allocation_from_json(setting, fields.get("allocation", {}), f"{where}.allocation")
    else:
        fields = fields_of(data, ("state", "prices"), where)
        states, name = setting.need_states("an outcome"), _need(fields, "state", where)
        result = NULL_STATE if name is None else states.number(name, f"{where}.state")
    prices = [exact(0)] * setting.n
    for name, price in _mapping(fields.get("prices", {}), f"{where}.prices").items():
        prices[setting.player(name, f"{where}.prices")] = exact(price, f"{where}.prices.{name}")
    return Outcome(result, tuple(prices))


def setting_to_json(setting: Setting) -> dict[str, Any]:
    """A setting as the scenario file writes it."""
    document: dict[str, Any] = {"players": list(setting.players)}
    if setting.goods is not None:
        document["goods"] = list(setting.goods)
    if setting.states is not None:
        document["states"] = list(setting.states)
    if setting.endowment is not None:
        document["endowment"] = allocation_to_json(setting, setting.endowment)
    if setting.value_bound is not None:
        document["value_bound"] = setting.value_bound
    return document


def setting_from_json(data: object, where: str = "setting") -> Setting:
    """The setting that `data` writes: players, goods or states, endowment (goods by their owner), value bound.

    Raises InputError naming the place.
    """
    fields = fields_of(data, ("players", "goods", "states", "endowment", "value_bound"), where)
    players = tuple(names_in(_need(fields, "players", where), f"{where}.players"))
    goods = states = endowment = None
    if fields.get("goods") is not None:
        goods = Goods(names_in(fields["goods"], f"{where}.goods"))
    if fields.get("states") is not None:
        states = States(names_in(fields["states"], f"{where}.states"))
    if fields.get("endowment") is not None:
        endowment = allocation_from_json(Setting(players, goods, states), fields["endowment"], f"{where}.endowment")
    bound = fields.get("value_bound")
    bound = None if bound is None else integer(bound, f"{where}.value_bound", least=1)
    return Setting(players, goods, states, endowment, bound)


def _mapping(data: object, where: str) -> Mapping[str, Any]:
    if not isinstance(data, Mapping):
        raise InputError(where, data, "a mapping")
    return data


def _need(fields: Mapping[str, Any], name: str, where: str) -> Any:
    if name not in fields:
        raise InputError(where, f"no '{name}'", f"the field '{name}'")
    return fields[name]

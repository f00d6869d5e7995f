"""A new session out of a form, or out of a scenario: everything that is wrong is told at its place, at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from unrigged.errors import InputError
from unrigged.exact import exact, integer
from unrigged.formats import parse_document, read_cats, read_courses, scenario_from, scenario_of_auction
from unrigged.formats.cats import looks_like_cats
from unrigged.formats.courses import looks_like_courses
from unrigged.mechanisms import BY_NAME, Mechanism, mechanism_named
from unrigged.scenario import Scenario
from unrigged.server.money import Money
from unrigged.server.opening import DIGITS, SECONDS, Plan, play_to_json
from unrigged.server.session import MAX_PARTICIPANTS
from unrigged.setting import NOBODY, Goods, Setting, States

T = TypeVar("T")

LONGEST_NAME = 100
MOST_SECONDS = 60 * 24 * 3600
MOST_DIGITS = 1000

DEFAULTS = {
    "mechanism": "best-belief", "title": "", "players": "", "programs": "", "bots": "", "goods": "", "states": "",
    "endowment": "", "value_bound": "", "unit": "points", "step": "1/100", "rounding": "favour",
    "seconds": str(SECONDS), "digits": str(DIGITS), "beacon": "", "scenario": "", "notes": "yes",
}  # fmt: skip
"""What an empty form holds."""


USES = {
    "best-belief": "sells goods for much even if bidders collude, through what they know of each other",
    "best-belief-normal": "best-belief in which buyers' answers follow from the values that they report",
    "best-belief-proportional": "best-belief where small rewards are to be a share of what is collected",
    "best-belief-reserve": "best-belief where you are sure already of a sale at certain prices",
    "best-belief-real": "best-belief for values that are any fractions, without rewards",
    "best-belief-decimal": "best-belief for values in money, with decimals",
    "best-belief-or-vcg": "tosses a coin between best-belief and vcg where you cannot tell whether bidders collude",
    "market": "lets owners who know each other's values swap and sell what they own; one named participant proposes",
    "market-fair": "market where the one who proposes is drawn by lot",
    "naive-1": "for teaching: a trade takes effect only if all announce the very same one",
    "naive-2": "for teaching: one proposes a trade, and one NO stops it",
    "naive-3": "for teaching: one proposes a trade, and every YES counts by itself; fails where some collude",
    "naive-4": "for teaching: one proposes a trade, and is fined if it fails; fails where some collude",
    "perfect-revenue": "chooses for a group that knows its values, and collects almost all that this is worth",
    "hope-for-the-best": "for teaching: all report everybody's values; works only if all trust that all are truthful",
    "leveraging": "sells goods well where groups, even secret ones, know much of the other bidders' values",
    "second-price-package": "sells one package to the highest bidder for the second highest bid, without collusion",
    "independent": "sells goods by what those who do not collude know, or by a simple auction, as a coin decides",
    "surviving": "as perfect-revenue, with everybody announcing what he knows, where nobody colludes",
    "vcg": "gives goods to those to whom they are worth most, where nobody colludes",
    "second-price": "sells one good for the second highest bid; bidding one's value is best where nobody colludes",
    "first-price": "sells one good to the highest bidder for his own bid: familiar, but what to bid is a gamble",
    "first-price-package": "sells several goods for what is bid for them: familiar, but what to bid is a gamble",
}
"""What each mechanism is for, in words for those who run a session."""


@dataclass
class Draft:
    """A form as it was filled in, and what is wrong with it by the name of the field; `plan` where nothing is."""

    values: dict[str, str]
    errors: dict[str, str] = field(default_factory=dict)
    plan: Plan | None = None
    scenario: Scenario | None = None

    @property
    def mechanism(self) -> type[Mechanism]:
        """The mechanism chosen; the usual one where there is none of that name."""
        return BY_NAME.get(self.values["mechanism"], BY_NAME[DEFAULTS["mechanism"]])


def empty(**values: str) -> Draft:
    """A form that nobody has filled in."""
    return Draft({**DEFAULTS, **values})


def drafted(given: Mapping[str, str], source: str) -> Draft:
    """What the filled-in form (`source`: `form` or `scenario`) describes, or what is wrong with it."""
    draft = Draft({**DEFAULTS, **{name: str(value) for name, value in given.items()}})
    reader = _Reader(draft)
    mechanism = reader.from_scenario() if source == "scenario" else reader.from_fields()
    reader.finish(mechanism)
    return draft


class _Reader:
    """Reads one field after the other, and goes on after what is wrong."""

    def __init__(self, draft: Draft) -> None:
        self.draft, self.values, self.errors = draft, draft.values, draft.errors

    @contextmanager
    def at(self, *fields: str) -> Iterator[None]:
        """What is wrong inside belongs to the field that the error names, if it is one of `fields`, else the first."""
        try:
            yield
        except InputError as error:
            root = error.where.split(":")[-1].strip().split(".")[0].split("[")[0]
            place = root if root in fields else fields[0]
            self.errors.setdefault(place, _in_words(error))

    def read(self, place: str, how: Callable[[str], T], otherwise: T) -> T:
        with self.at(place):
            return how(self.values[place].strip())
        return otherwise

    def lines(self, place: str) -> list[str]:
        names = [line.strip() for line in self.values[place].splitlines() if line.strip()]
        for name in names:
            if len(name) > LONGEST_NAME:
                self.errors.setdefault(place, f"«{name[:20]}…» has {len(name)} characters, at most {LONGEST_NAME}.")
        return names

    def from_scenario(self) -> Mechanism | None:
        with self.at("scenario"):
            self.draft.scenario = read_scenario_text(self.values["scenario"], self.values["mechanism"])
            for name in (*self.draft.scenario.setting.players, *(self.draft.scenario.setting.goods or ())):
                if len(name) > LONGEST_NAME:
                    raise InputError("names", f"a name of {len(name)} characters", f"at most {LONGEST_NAME}")
            if not self.values["title"].strip():
                self.values["title"] = self.draft.scenario.title
            return self.draft.scenario.mechanism
        return None

    def from_fields(self) -> Mechanism | None:
        with self.at("mechanism"):
            mechanism_named(self.values["mechanism"])
        kind = self.draft.mechanism
        parameters = {}
        for each in kind.parameters():
            place = f"parameter.{each.name}"
            text = self.values.get(place, "").strip()
            if text:
                with self.at(place):
                    parameters[each.name] = parse_document(f"value: {text}", each.name, ".yaml")["value"]
        setting = self.setting(kind)
        if setting is None or self.errors:
            return None
        try:
            return kind.build(setting, parameters)
        except InputError as error:
            root = error.where.replace("parameters.", "").split(".")[0].split("[")[0]
            place = f"parameter.{root}" if root in {each.name for each in kind.parameters()} else root
            self.errors.setdefault(place if place in (*self.values, f"parameter.{root}") else "form", _in_words(error))
            return None

    def setting(self, kind: type[Mechanism]) -> Setting | None:
        need = kind.requires
        players, goods, states = self.lines("players"), self.lines("goods"), self.lines("states")
        uses_goods = need.domain == "goods" or (need.domain == "either" and bool(goods))
        bound = self.read("value_bound", lambda text: integer(exact(text), "value_bound", least=1) if text else None,
                          None)  # fmt: skip
        if need.value_bound and bound is None:
            self.errors.setdefault("value_bound", f"{kind.name} needs a public bound on all values.")
        if not players:
            self.errors.setdefault("players", "Name the participants, one a line.")
        if uses_goods and not goods:
            self.errors.setdefault("goods", "Name what is for sale, one a line.")
        if not uses_goods and not states:
            self.errors.setdefault("goods" if need.domain == "either" else "states", "Name what can be chosen.")
        if self.errors:
            return None
        with self.at("players", "goods", "states", "endowment", "value_bound"):
            if not uses_goods:
                return Setting(tuple(players), states=States(states), value_bound=bound)
            plain = Setting(tuple(players), goods=Goods(goods), value_bound=bound)
            endowment = self.endowment(plain) if need.endowment else None
            return Setting(tuple(players), goods=Goods(goods), endowment=endowment, value_bound=bound)
        return None

    def endowment(self, setting: Setting) -> tuple[int, ...]:
        owners = [NOBODY] * setting.m
        for line in self.lines("endowment"):
            good, equals, owner = line.rpartition("=")
            if not equals:
                raise InputError("endowment", line, "lines of the form: good = owner")
            number = setting.need_goods("an endowment").number(good.strip(), "endowment")
            owners[number] = setting.player(owner.strip(), "endowment")
        return tuple(owners)

    def finish(self, mechanism: Mechanism | None) -> None:
        title = self.values["title"].strip()
        if not title:
            self.errors.setdefault("title", "Give the session a title that tells participants what it is about.")
        elif len(title) > 200 or not title.isprintable():
            self.errors.setdefault("title", "A title of at most 200 printable characters, please.")
        money = self.money()
        seconds = self.read("seconds", lambda text: _between(text, "seconds", 5, MOST_SECONDS), SECONDS)
        digits = self.read("digits", lambda text: _between(text, "digits", 1, MOST_DIGITS), DIGITS)
        beacon = self.values["beacon"].strip()
        if len(beacon) > 500:
            self.errors.setdefault("beacon", "At most 500 characters, please.")
        if mechanism is None:
            return
        if mechanism.setting.n > MAX_PARTICIPANTS:
            self.errors.setdefault("players", f"{mechanism.setting.n} participants, at most {MAX_PARTICIPANTS}.")
        kinds = self.kinds(mechanism.setting)
        with self.at("form"):
            play_to_json(mechanism)
        if not self.errors:
            self.draft.plan = Plan(title, mechanism, kinds, seconds, digits, money, beacon)

    def money(self) -> Money:
        usual = Money()
        unit = self.read("unit", lambda text: Money(unit=text).unit, usual.unit)
        step = self.read("step", lambda text: Money(step=exact(text, "step")).step, usual.step)
        rounding = self.read("rounding", lambda text: Money(rounding=text).rounding, usual.rounding)
        return Money(unit, step, rounding)

    def kinds(self, setting: Setting) -> dict[str, str]:
        answer = dict.fromkeys(setting.players, "human")
        for place, kind in (("programs", "program"), ("bots", "bot")):
            for name in self.lines(place):
                if name not in answer:
                    self.errors.setdefault(place, f"«{name}» is not among the participants.")
                elif answer[name] != "human":
                    self.errors.setdefault(place, f"«{name}» is named as a program and as a bot.")
                else:
                    answer[name] = kind
        return answer


def read_scenario_text(text: str, mechanism: str = DEFAULTS["mechanism"]) -> Scenario:
    """The scenario that a pasted or uploaded text writes; it cannot name files of the server."""
    if not text.strip():
        raise InputError("scenario", "nothing", "the text of a scenario file")
    if looks_like_cats(text):
        return scenario_of_auction(read_cats(text, "scenario"), mechanism, check=False)
    document = parse_document(text, "scenario")
    if looks_like_courses(document):
        return scenario_of_auction(read_courses(document, "scenario"), mechanism, check=False)
    if "auction" in document:
        raise InputError("auction", "a file beside the scenario", "a scenario that holds everything itself",
                         "`unrigged convert` writes one")  # fmt: skip
    return scenario_from(document, check=False)


def _between(text: str, where: str, least: int, most: int) -> int:
    number = integer(exact(text, where), where, least=least)
    if number > most:
        raise InputError(where, number, f"at most {most}")
    return number


def _in_words(error: InputError) -> str:
    """An error for people who see the field that it is about."""
    place = error.where
    where = f"{place}: " if "." in place or "[" in place or ":" in place or " " in place else ""
    way_out = f"; {error.fix}" if error.fix else ""
    return f"{where}found {error.found}, expected {error.expected}{way_out}."


def hints(kind: type[Mechanism]) -> list[tuple[str, str, str]]:
    """The parameters of a mechanism: name, what it is, and its default in words."""
    answer = []
    for each in kind.parameters():
        default = "depends on the setting" if each.default is None else str(each.default)
        answer.append((each.name, each.metadata["doc"], default))
    return answer

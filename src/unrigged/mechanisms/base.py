"""The base of all mechanisms: parameters checked when built, one method per step, rules read from the methods."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, field, fields
from fractions import Fraction
from inspect import getdoc
from typing import Any, ClassVar

from unrigged.errors import InputError, nearest
from unrigged.exact import rational, written
from unrigged.protocol import Position
from unrigged.setting import Setting


@dataclass(frozen=True)
class Requirements:
    """What a mechanism needs of the setting and of the context it is played in; a context is checked against it."""

    domain: str
    """`goods`, `states`, or `either`."""
    least_value: int | None = 0
    """Every value is at least this; None where negative values are allowed."""
    integer_values: bool = True
    endowment: bool = False
    value_bound: bool = False
    players: int = 1
    """At least that many players."""
    knowledge: str = "any"
    """What the papers suppose players know: `any`, `perfect` (all types), `own` (nothing beyond one's own)."""
    grand_coalition: bool = True
    """Whether all players may form one coalition."""
    covers_coalitions: bool = True
    """Whether the guarantee speaks of players who collude, too."""
    covers_knowledge: str = "any"
    """Of which knowledge the guarantee speaks, where any is allowed: `any`, or `perfect`."""


@dataclass(frozen=True)
class Rule:
    """One step of a mechanism in words, with its label in the paper or sheet."""

    step: str
    text: str


def parameter(doc: str, default: Any = None, *, read: Callable[[Any, str], Any] = rational) -> Any:
    """A parameter of a mechanism: a dataclass field with its documentation.

    A parameter left at None gets the mechanism's own default for the setting (`Mechanism.defaults`); `read` turns
    what the user gave into its exact form.
    """
    return field(default=default, metadata={"doc": doc, "read": read}, kw_only=True)


def one_of(*allowed: str) -> Callable[[Any, str], str]:
    """A reader of parameters that name one of several readings or variants."""

    def read(value: Any, where: str) -> str:
        if value not in allowed:
            raise InputError(where, value, "one of " + ", ".join(allowed), nearest(str(value), list(allowed)))
        return str(value)

    return read


@dataclass(frozen=True)
class Mechanism(ABC):
    """A mechanism, built from the setting and its public parameters alone.

    Subclasses are frozen dataclasses; each step of the paper is one method, in the paper's order, whose docstring
    begins with the step's label and states its rule. A method receives only what still matters and returns the next
    position.
    """

    setting: Setting

    name: ClassVar[str]
    guarantee: ClassVar[str]
    """What it guarantees, in one line."""
    assumption: ClassVar[str]
    """Under which assumption on the players."""
    source: ClassVar[str]
    """Paper and section."""
    requires: ClassVar[Requirements]

    def __post_init__(self) -> None:
        need = self.requires
        if need.domain == "goods":
            self.setting.need_goods(self.name)
        if need.domain == "states":
            self.setting.need_states(self.name)
        if self.setting.n < need.players:
            raise InputError("players", f"{self.setting.n}", f"at least {need.players} players for {self.name}")
        if need.endowment and self.setting.endowment is None:
            raise InputError("endowment", "none", f"an endowment of all goods, which {self.name} needs")
        if need.value_bound and self.setting.value_bound is None:
            raise InputError("value_bound", "none", f"a public bound on all values, which {self.name} needs")
        self._fill_parameters()
        self.check()

    def _fill_parameters(self) -> None:
        missing = []
        for each in self.parameters():
            given = getattr(self, each.name)
            if given is None:
                missing.append(each)
            else:
                object.__setattr__(self, each.name, each.metadata["read"](given, each.name))
        defaults = self.defaults() if missing else {}
        for each in missing:
            if defaults.get(each.name) is not None:
                object.__setattr__(self, each.name, each.metadata["read"](defaults[each.name], each.name))

    def defaults(self) -> Mapping[str, Any]:
        """Defaults, for this setting, of the parameters left at None; those already given may be read from self."""
        return {}

    def check(self) -> None:  # noqa: B027  # nothing to check is a valid answer
        """Check the parameters against the paper's conditions; InputError, with the range, where one fails."""

    @abstractmethod
    def start(self) -> Position:
        """The first position."""

    @classmethod
    def parameters(cls) -> list[Field[Any]]:
        """The public parameters, in order."""
        return [each for each in fields(cls) if "doc" in each.metadata]

    @classmethod
    def build(cls, setting: Setting, parameters: Mapping[str, Any] | None = None) -> Mechanism:
        """The mechanism for `setting`; `parameters` by name. InputError for an unknown one, with the nearest name."""
        known = [each.name for each in cls.parameters()]
        for name in parameters or {}:
            if name not in known:
                raise InputError(
                    f"parameters.{name}",
                    f"the parameter '{name}'",
                    f"a parameter of {cls.name}",
                    nearest(name, known) if known else "it has none",
                )
        return cls(setting, **(parameters or {}))

    @classmethod
    def rules(cls) -> list[Rule]:
        """The steps in the paper's order, each with its label, read from the methods' docstrings."""
        methods: dict[str, object] = {}
        for each in reversed(cls.__mro__):
            methods.update(vars(each))
        answer = []
        for method in methods.values():
            match = re.match(r"Step ([^:]+): (.*)", getdoc(method) or "", re.DOTALL) if callable(method) else None
            if match:
                answer.append(Rule(match[1], " ".join(match[2].split("\n\n")[0].split())))
        return answer

    def settings_in_words(self) -> str:
        """The parameters with their values, in words."""
        given = ((each.name, getattr(self, each.name)) for each in self.parameters())
        return ", ".join(f"{name} = {written(v) if isinstance(v, Fraction) else v}" for name, v in given)

    def comment(self, position: Position) -> str:
        """What the mechanism found on the way to `position`, in words for a reader of the play; may be empty."""
        return ""


def check_range(
    name: str, value: Fraction, low: Fraction | int, high: Fraction | int, written_range: str, *, closed: bool = False
) -> None:
    """InputError unless low < value < high (value <= high where `closed`); `written_range` goes into the message."""
    if not (low < value and (value <= high if closed else value < high)):
        raise InputError(name, written(value), written_range)

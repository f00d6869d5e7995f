"""What a browser needs to know of a decision to let somebody build a legal move by hand: one description for every kind
of move space, in parts that the page's script (static/moves.js) shows and checks.

A description is an object with `parts`, in the order in which they are filled in, and `whole`: `object` where the
move's JSON has a field for every part, `value` where it is that of the only part. Each part has a `kind`, a `field`, a
`title` and what its kind needs:

- `set`: any of the `goods`;
- `allocation`: each of the `goods` to one of `owners` or to nobody, which is called `nobody`; `lists_nobody` where the
  move names what nobody gets in the field `destroyed`; `start`: what it begins with;
- `prices`: a number for every one of `players`: `numbers` (`integer`, `rational`, or `multiple` of `step`), at least
  `least` and at most `most` where given, and at most that of `limits` for who has one; `positive` where a number that
  is asked for must be; `only_sold` where who gets nothing has price 0; `revenue` where the seller receives them all;
  `total` where they must sum to it; `filled`: whose price is what the others leave to that sum (it has no range);
  `now`: the prices that are raised;
- `state`: one of `states`, or none where `null`;
- `table`: a number for every one of `players` and `states`, `least`, `most`; `without`: whose row is left out;
- `valuation`: bids on sets of the `goods`, `signed` where values may be negative;
- `number`: `least`;
- `members`: some of `players`, among them `always`;
- `answer`: YES or NO to `offer` (names of goods, or a state) for `price` (negative: received).

`lead`: what is asked, in a sentence or two; the mechanism's rules say what follows from the answer. `about`: what has
been proposed so far, in words, where the move is an answer to that.
"""

from __future__ import annotations

from functools import singledispatch
from typing import Any

from unrigged.exact import written
from unrigged.moves.answer import YesNo
from unrigged.moves.base import MoveSpace, allocation_to_json
from unrigged.moves.declarations import OUT, DeclarationSpace
from unrigged.moves.disclosures import DisclosureSpace
from unrigged.moves.offers import OfferSpace, WishSpace
from unrigged.moves.openings import OpeningSpace
from unrigged.moves.profiles import ProfileSpace
from unrigged.moves.proposals import BalancedProposal, MarketProposal, ProposalSpace
from unrigged.moves.raises import RaiseSpace
from unrigged.moves.reports import ValuationReport
from unrigged.moves.sealed import PackageBidSpace, SealedBidSpace
from unrigged.outcome import Outcome, prices_in_words, result_in_words
from unrigged.setting import NULL_STATE, Setting, bundle_of

Part = dict[str, Any]
Form = dict[str, Any]


def form(space: MoveSpace) -> Form:
    """The description of a move space, with what silence means in `default` (JSON) and `silence` (words)."""
    silence = _plain(space.describe(space.default))
    return {**_form(space), "default": space.encode(space.default), "silence": silence}


@singledispatch
def _form(space: MoveSpace) -> Form:
    raise NotImplementedError(f"{type(space).__name__} has no form in server/forms.py")


SALE = "which goods each of the others would buy, and for how much, as far as you are sure of it"


def _object(lead: str, *parts: Part) -> Form:
    return {"whole": "object", "lead": lead, "parts": list(parts)}


def _value(lead: str, part: Part) -> Form:
    return {"whole": "value", "lead": lead, "parts": [part]}


def _goods(setting: Setting) -> list[str]:
    return list(setting.need_goods("a form"))


def _allocation(setting: Setting, title: str, owners: list[str], nobody: str, **more: Any) -> Part:
    return {"kind": "allocation", "field": "allocation", "title": title, "goods": _goods(setting), "owners": owners,
            "nobody": nobody, **more}  # fmt: skip


def _prices(setting: Setting, title: str, **more: Any) -> Part:
    return {"kind": "prices", "field": "prices", "title": title, "players": list(setting.players), **more}


def _wanted(setting: Setting, title: str) -> Part:
    return {"kind": "set", "field": "wanted", "title": title, "goods": _goods(setting)}


def _offer(space: OfferSpace) -> list[Part]:
    setting = space.setting
    others = [name for player, name in enumerate(setting.players) if player != space.player]
    kinds = {0: {"numbers": "rational"}, 1: {"numbers": "integer", "least": "1"}}
    numbers = kinds.get(int(space.step) if space.step in (0, 1) else -1,
                        {"numbers": "multiple", "step": written(space.step)})  # fmt: skip
    return [
        _allocation(setting, "What you would sell to the others", others, "not sold"),
        _prices(setting, "At which prices", only_sold=True, positive=True, revenue=True, players=others, **numbers),
    ]


@_form.register
def _(space: OfferSpace) -> Form:
    return _object(f"Say {SALE}.", *_offer(space))


@_form.register
def _(space: WishSpace) -> Form:
    lead = f"Say two things: which goods you would like most for yourself, and {SALE}."
    return _object(lead, _wanted(space.setting, "The goods you would like most"), *_offer(space.offers))


@_form.register
def _(space: DisclosureSpace) -> Form:
    lead = f"Say two things: what the goods are worth to you, and {SALE}."
    return _object(lead, _valuation(space.reports, "valuation"), *_offer(space.offers))


@_form.register
def _(space: ProposalSpace) -> Form:
    setting = space.setting
    parts = [
        _allocation(setting, "Who gets what", list(setting.players), "destroyed", lists_nobody=True,
                    start=allocation_to_json(setting, space.endowment)),
    ]  # fmt: skip
    if isinstance(space, MarketProposal):
        parts.append(_prices(setting, "What everybody pays (a negative price is received)", numbers="integer",
                             least=str(1 - space.limit), most=str(space.limit - 1), total="0",
                             filled=setting.players[space.player]))  # fmt: skip
    if isinstance(space, BalancedProposal):
        parts.append(_prices(setting, "What everybody pays (a negative price is received)", numbers="integer",
                             least=str(1 - space.limit), most=str(space.limit - 1), total="0"))  # fmt: skip
    lead = "Propose who shall own what, and what everybody shall pay for it. The form begins with who owns what now."
    return _object(lead, *parts)


@_form.register
def _(space: OpeningSpace) -> Form:
    setting = space.setting
    cap = {} if space.cap is None else {"most": str(space.cap)}
    prices = _prices(setting, "What everybody could pay", numbers="integer", least="0", revenue=True, **cap)
    if setting.goods is not None:
        lead = "Propose who gets what, and what everybody could pay for it, as far as you know."
        return _object(lead, _allocation(setting, "Who gets what", list(setting.players), "not sold"), prices)
    lead = "Propose what is to be chosen for everybody, and what everybody could pay for it, as far as you know."
    states = list(setting.need_states("a form"))
    return _object(
        lead, {"kind": "state", "field": "state", "title": "The state", "states": states, "null": space.null}, prices
    )


@_form.register
def _(space: RaiseSpace) -> Form:
    setting = space.setting
    limits = {
        name: written(limit) for name, limit in zip(setting.players, space.limits, strict=True) if limit is not None
    }
    players = [name for player, name in enumerate(setting.players) if space.own or player != space.player]
    whose = "the prices" if space.own else "the others' prices"
    now = {name: written(price) for name, price in zip(setting.players, space.proposal.prices, strict=True)}
    lead = "Raise the prices of those who would pay more for what is proposed, as far as you know; others stay at 0."
    return {**_value(lead, {
        "kind": "prices", "field": "raises", "title": f"By how much you raise {whose}", "players": players,
        "numbers": "integer", "least": "0", "limits": limits, "now": now,
    }), "about": _proposed(setting, space.proposal)}  # fmt: skip


def _proposed(setting: Setting, proposal: Outcome) -> str:
    return _plain(f"{result_in_words(setting, proposal.result)}; {prices_in_words(setting, proposal.prices)}")


def _plain(words: str) -> str:
    """Words about sets of goods without the signs for sets."""
    return words.replace("{}", "nothing").replace("{", "").replace("}", "")


@_form.register
def _(space: ProfileSpace) -> Form:
    setting = space.setting
    return _value("Say what everything is worth to everybody, as far as you know.", {
        "kind": "table", "field": "values", "title": "What every state is worth to everybody, as far as you know",
        "players": list(setting.players), "states": list(space.states), "least": "0",
        **({} if space.greatest is None else {"most": str(space.greatest)}),
        **({} if space.own else {"without": setting.players[space.player]}),
    })  # fmt: skip


def _valuation(space: ValuationReport, field: str) -> Part:
    return {"kind": "valuation", "field": field, "title": "What sets of goods are worth to you", "signed": space.signed,
            "goods": _goods(space.setting)}  # fmt: skip


@_form.register
def _(space: ValuationReport) -> Form:
    return _value("Say what the goods are worth to you.", _valuation(space, "valuation"))


@_form.register
def _(space: SealedBidSpace) -> Form:
    lead = f"Say how much you bid for {', '.join(space.setting.need_goods('a form'))}."
    return _value(lead, {"kind": "number", "field": "bid", "title": "Your bid", "least": "0"})


@_form.register
def _(space: PackageBidSpace) -> Form:
    lead = "Say how much you bid, and for which goods together."
    return _object(lead, {"kind": "number", "field": "bid", "title": "Your bid", "least": "0"},
                   _wanted(space.setting, "The goods you bid on"))  # fmt: skip


@_form.register
def _(space: DeclarationSpace) -> Form:
    setting = space.setting
    found = _object(
        "Say with whom you act together, what you and these would like to get, and the best sale that you know of.",
        {"kind": "members", "field": "coalition", "title": "With whom you act together",
         "players": list(setting.players), "always": setting.players[space.player]},
        _allocation(setting, "What you would like to get, you and these", list(setting.players), "nobody", field="wish",
                    among="coalition"),
        _allocation(setting, "The best sale you know of", list(setting.players), "not sold"),
        _prices(setting, "At which prices", numbers="integer", least="0", revenue=True),
    )  # fmt: skip
    return {**found, **({"out": OUT.value} if space.may_opt_out else {})}


@_form.register
def _(space: YesNo) -> Form:
    setting, result = space.setting, space.proposal.result
    if isinstance(result, tuple):
        offered = ", ".join(setting.need_goods("a form").names(bundle_of(result, space.player))) or "nothing"
    else:
        offered = "none of them" if result == NULL_STATE else setting.need_states("a form")[result]
    answer = {"kind": "answer", "field": "answer", "title": "Your answer", "offer": offered,
              "price": written(space.proposal.prices[space.player])}  # fmt: skip
    lead = "Say YES if you take what you are offered at this price, NO if you do not."
    return {**_value(lead, answer), "about": _proposed(setting, space.proposal)}

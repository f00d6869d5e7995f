"""The benchmarks the mechanisms promise to reach: MSW, MIEW, MKW, RK, BB and BB', with outcomes that attain them.

Sources: J. Chen, S. Micali and P. Valiant, Robustly leveraging collusion in combinatorial auctions (2010), Definitions
3 and 6; J. Chen and S. Micali, Leveraging possibilistic beliefs in unrestricted combinatorial auctions (2016),
Definition 2. "K^A_j" is what agent A is sure the value of j is at least, "low_i(j, .)" the same for one player.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from time import perf_counter

from unrigged.context import Coalition, Context, Nothing, Perfect, Precision
from unrigged.errors import InputError
from unrigged.exact import Exact, first_largest, total
from unrigged.outcome import Outcome, free, nothing_sold
from unrigged.searches import Searches, Shared
from unrigged.setting import NOBODY, NULL_STATE
from unrigged.valuations import StateValues, Type, Valuation
from unrigged.valuations.rounded import priced
from unrigged.winners import Auction, Method, Progress, Proof
from unrigged.winners.solve import Ties, without_player


@dataclass(frozen=True)
class Benchmark:
    """A benchmark's value and an outcome of that revenue, in which whoever counts pays what he is counted with.

    `bound`, `proof`: as in `Winners`; where `proof` is "none" the benchmark lies between `value` and `bound`.
    `agent`: whose knowledge it is (everybody's for MSW, nobody's for a maximum over nobody).
    """

    value: Exact
    outcome: Outcome
    bound: Exact
    proof: Proof
    agent: Coalition
    notes: tuple[str, ...] = ()

    @property
    def optimal(self) -> bool:
        """Whether `value` is the benchmark itself and not only a lower bound on it."""
        return self.proof != "none"


Kind = tuple[str, Exact]
"""What is computed for each of several agents ("mkw", "miew" or "bb"), and for "bb" the step of its prices."""

MIEW: Kind = ("miew", 0)
MKW: Kind = ("mkw", 0)


class Benchmarks(Searches):
    """The benchmarks of `context`, each computed when first asked for.

    `limit`: seconds for one call of a method (a maximum over many agents shares it among them); answers that are not
    proved by then say so. `progress`: told about long searches (`winners`); where it is given, Ctrl-C ends the search
    that is going on with the best found so far, and every later one at once. Goods may stay unsold throughout. In the
    states domain the null state, worth 0, stands in where every state is worth less than 0. Methods raise InputError
    for an agent who is no player of the context, or where a valuation without a language has more than 20 goods.
    `method`, `nodes`: how allocations are looked for (`winners`); by another method than "best" the values are those of
    the best outcomes found that way, with honest bounds. States are always compared one by one.
    """

    def __init__(
        self,
        context: Context,
        *,
        limit: float | None = None,
        progress: Progress | None = None,
        method: Method = "best",
        nodes: int | None = None,
    ) -> None:
        super().__init__(Shared(limit), progress, method, nodes)
        self.context = context
        self._by_method: dict[tuple[Method, int | None], Benchmarks] = {(method, nodes): self}
        self._known: dict[tuple[object, ...], Benchmark] = {}
        self._shared: dict[str, tuple[Type, ...] | None] = {}

    def by(self, method: Method, nodes: int | None = None) -> Benchmarks:
        """The same benchmarks as far as `method` finds them; time, Ctrl-C and the list of searches are shared."""
        if (method, nodes) not in self._by_method:
            other = Benchmarks(self.context, progress=self.progress, method=method, nodes=nodes)
            other._searching, other._by_method = self._searching, self._by_method
            self._by_method[method, nodes] = other
        return self._by_method[method, nodes]

    def within(self, seconds: float | None) -> None:
        """All searches from now on share `seconds` (None: only the limit of each counts).

        Where they will need compiled loops, these are compiled first: that is not part of the time.
        """
        if seconds and self._large():
            from unrigged.winners.packing import race

            race.warm_up()
        super().within(seconds)

    def _large(self) -> bool:
        """Whether there are more bids than plain Python searches."""
        from unrigged.winners.packed import FEW_BIDS

        written = (number for one in self.context.types if isinstance(one, Valuation) for number in one.numbers())
        return sum(1 for _ in islice(written, FEW_BIDS + 1)) > FEW_BIDS

    def msw(self, *, ties: Ties = "any") -> Benchmark:
        """MSW: the greatest total value of any result; everybody pays his value in the outcome.

        `ties`: "any" best allocation, or the lexicographically "first" one (in the states domain it always is).
        """
        everyone = tuple(self.context.setting.everyone)
        types, what = self.context.types, "MSW, the greatest total value"
        return self._once(("msw", ties), lambda limit: self._revenue(types, everyone, limit, what, ties=ties))

    def relevant_knowledge(self, agent: Iterable[int]) -> Benchmark:
        """RK_A: the outcome of greatest revenue with P_j = v_j(A_j) for j in `agent`, P_j <= K^A_j(A_j) for others."""
        return self._rk(self._agent(agent), self.limit)

    def mkw(self, agent: Iterable[int] | None = None) -> Benchmark:
        """MKW_A: the revenue of RK_A; without `agent`, MKW: the greatest over all coalitions (of one player, too)."""
        if agent is not None:
            return self.relevant_knowledge(agent)
        return self._largest(MKW, self.context.coalitions)

    def mkw_independent(self) -> Benchmark:
        """MKW_I: the greatest MKW over the independent players; 0 where there are none."""
        return self._largest(MKW, [(player,) for player in self.context.independent])

    def miew(self, player: int | None = None) -> Benchmark:
        """MIEW_i: the greatest sum over j != i of K^i_j(A_j); without `player`, the greatest over the independent ones.

        0 where nobody is independent.
        """
        if player is not None:
            return self._external(MIEW, player)
        return self._largest(MIEW, [(player,) for player in self.context.independent])

    def best_belief(self, player: int | None = None, *, step: Exact = 1) -> Benchmark:
        """BB_i: the greatest revenue `player` i is sure to get by selling to the others, at integer prices >= 1.

        That is the greatest sum over j != i of low_i(j, A_j), rounded down to integers, over allocations with A_i
        empty in which whoever receives goods is counted with at least 1. Without `player`: BB, the greatest BB_i.
        `step`: prices are positive multiples of it instead, any positive numbers where it is 0.
        """
        self.context.setting.need_goods("the best-belief benchmark")
        if player is not None:
            return self._external(("bb", step), player)
        return self._largest(("bb", step), [(player,) for player in self.context.setting.everyone])

    def best_belief_independent(self, *, step: Exact = 1) -> Benchmark:
        """BB': the greatest BB_i over the independent players; 0 where there are none."""
        self.context.setting.need_goods("the best-belief benchmark")
        return self._largest(("bb", step), [(player,) for player in self.context.independent])

    def best_belief_of(self, coalition: Iterable[int], player: int, *, step: Exact = 1) -> Benchmark:
        """BB_i of a `player` who knows what his whole `coalition` knows, his mates' true values included."""
        members = self._agent(coalition)
        self.context.setting.need_goods("the best-belief benchmark")
        if player not in members:
            raise InputError("coalition", f"player {player}, who is not in it", "a member of the coalition")
        if len(members) == 1:
            return self.best_belief(player, step=step)
        lower = self.context.coalition_lower
        types = [lower(members, j) for j in self.context.setting.everyone]
        kind: Kind = ("bb", step)
        return self._once((kind, members, player), lambda limit: self._sale(types, player, kind, members, limit))

    # One agent

    def _agent(self, agent: Iterable[int]) -> Coalition:
        members = tuple(sorted(set(agent)))
        everyone = self.context.setting.everyone
        if not members or any(player not in everyone for player in members):
            raise InputError("agent", f"players {list(members)}", f"players from 0 to {len(everyone) - 1}")
        return members

    def _once(
        self, key: tuple[object, ...], compute: Callable[[float | None], Benchmark], limit: float | None = None
    ) -> Benchmark:
        if key not in self._known:
            self._known[key] = compute(self.limit if limit is None else limit)
        return self._known[key]

    def _external(self, kind: Kind, player: int, limit: float | None = None) -> Benchmark:
        """MIEW_i or BB_i of one player, by what all know alike where they do."""
        self._agent([player])
        shared = self._common()
        if shared is not None:
            return self._once((kind, player), lambda left: self._of_shared(shared, kind, player, left), limit)
        types = [self.context.lower(player, j) for j in self.context.setting.everyone]
        return self._once((kind, player), lambda left: self._sale(types, player, kind, (player,), left), limit)

    def _of_shared(self, shared: tuple[Type, ...], kind: Kind, player: int, limit: float | None) -> Benchmark:
        """From one optimum for all: a player who receives nothing in it sells exactly that. The others share the time,
        and each begins from that optimum without his goods."""
        begun = perf_counter()
        base = self._once((kind, "base"), lambda left: self._sale(shared, None, kind, (), left), limit)
        if self.context.setting.goods is None:
            return self._sale(shared, player, kind, (player,), limit)
        if player not in base.outcome.owners:
            return Benchmark(base.value, base.outcome, base.bound, base.proof, (player,), base.notes)
        waiting = sum((kind, other) not in self._known for other in set(base.outcome.owners) - {NOBODY})
        left = None if limit is None else max(0.0, limit - (perf_counter() - begun)) / max(1, waiting)
        return self._sale(shared, player, kind, (player,), left, base)

    def _common(self) -> tuple[Type, ...] | None:
        """For each j what all others are sure of about j, where they are all sure of the same."""
        if "lower" not in self._shared:
            self._shared["lower"] = common_lower_bounds(self.context)
        return self._shared["lower"]

    def _sale(
        self,
        types: Sequence[Type],
        seller: int | None,
        kind: Kind,
        agent: Coalition,
        limit: float | None,
        start: Benchmark | None = None,
    ) -> Benchmark:
        """The best outcome that sells to everybody but `seller`; those who receive something pay what is known."""
        name, step = kind
        what = f"{name.upper()}, the best sale to " + (
            "anybody" if seller is None else f"all but {self._names([seller])}"
        )
        if name == "miew":
            return self._revenue(types, agent, limit, what, seller=seller, start=start)
        types = [priced(one, step) if isinstance(one, Valuation) else one for one in types]
        found = self._revenue(types, agent, limit, what, seller=seller, least=step or None, start=start)
        return found if step else _without_gifts(found)

    def _names(self, players: Iterable[int]) -> str:
        return " and ".join(self.context.setting.players[player] for player in players)

    def _revenue(
        self,
        types: Sequence[Type],
        agent: Coalition,
        limit: float | None,
        what: str,
        *,
        seller: int | None = None,
        least: Exact | None = None,
        ties: Ties = "any",
        start: Benchmark | None = None,
    ) -> Benchmark:
        """The outcome of greatest revenue in which everybody but `seller` pays his value by `types`."""
        values = [one for one in types if isinstance(one, StateValues)]
        if values:
            return _best_state(values, seller, agent)
        auction = Auction(
            self.context.setting.need_goods("this benchmark"),
            tuple(one for one in types if isinstance(one, Valuation)),
            excluded=frozenset() if seller is None else frozenset({seller}),
            least=least,
        )
        known = None if start is None or seller is None else without_player(start.outcome.owners, seller)
        found = self.search(
            auction, what, limit, ties=ties, start=known, ceiling=None if start is None else start.bound
        )
        outcome = Outcome(found.allocation, found.worths)
        return Benchmark(found.value, outcome, found.bound, found.proof, agent, found.notes)

    # The greatest over agents

    def _largest(self, kind: Kind, agents: Sequence[Coalition]) -> Benchmark:
        return self._once(("largest", kind, tuple(agents)), lambda limit: self._over(kind, agents, limit))

    def _over(self, kind: Kind, agents: Sequence[Coalition], limit: float | None) -> Benchmark:
        if not agents:
            setting = self.context.setting
            result = NULL_STATE if setting.goods is None else nothing_sold(setting)
            return Benchmark(0, Outcome(result, free(setting)), 0, "exact", ())
        begun = perf_counter()
        found: list[Benchmark] = []
        for position, agent in enumerate(self._idle_first(kind, agents, limit)):
            left = None if limit is None else max(0.0, limit - (perf_counter() - begun)) / (len(agents) - position)
            one = self._rk(agent, left) if kind == MKW else self._external(kind, agent[0], left)
            found.append(one)
            base = self._known.get((kind, "base"))
            if base is not None and one.value >= base.bound:
                break
        best = found[first_largest([one.value for one in found])]
        bound = max(one.bound for one in found)
        proofs = {one.proof for one in found}
        proof: Proof = "exact" if proofs == {"exact"} else "numerical" if bound <= best.value else "none"
        return Benchmark(best.value, best.outcome, bound, proof, best.agent, best.notes)

    def _idle_first(self, kind: Kind, agents: Sequence[Coalition], limit: float | None) -> list[Coalition]:
        """Those first who receive nothing in the optimum for all: theirs is the greatest benchmark there can be."""
        shared = None if kind == MKW or self.context.setting.goods is None else self._common()
        if shared is None:
            return list(agents)
        share = None if limit is None else limit / 2
        base = self._once((kind, "base"), lambda left: self._sale(shared, None, kind, (), left), share)
        served = set(base.outcome.owners)
        return sorted(agents, key=lambda agent: agent[0] in served)

    def _rk(self, agent: Coalition, limit: float | None) -> Benchmark:
        if all(isinstance(self.context.knowledge[player], Perfect) for player in agent):
            types, what = self.context.types, "RK of who knows everything"
            known = self._once(("rk", "perfect"), lambda left: self._revenue(types, agent, left, what), limit)
            return replace(known, agent=agent)
        return self._rk_of_bounds(agent, limit)

    def _rk_of_bounds(self, agent: Coalition, limit: float | None) -> Benchmark:
        types = [self.context.coalition_lower(agent, j) for j in self.context.setting.everyone]
        what = f"RK, the best outcome known to {self._names(agent)}"
        return self._once(("rk", agent), lambda left: self._revenue(types, agent, left, what), limit)


def _without_gifts(found: Benchmark) -> Benchmark:
    """The same outcome, without goods for those who are counted with nothing (or less) for them."""
    prices = found.outcome.prices
    owners = tuple(owner if owner != NOBODY and prices[owner] > 0 else NOBODY for owner in found.outcome.owners)
    outcome = Outcome(owners, tuple(max(0, price) for price in prices))
    return replace(found, outcome=outcome, value=outcome.revenue)


def common_lower_bounds(context: Context) -> tuple[Type, ...] | None:
    """For each player j the lower bound that every other player is sure of about j, None where they differ.

    Perfect knowledge, none, and knowledge of a common precision are told by their kind, without comparing types.
    """
    n, first = context.setting.n, context.knowledge[0]
    alike = isinstance(first, Perfect | Nothing | Precision) and all(known == first for known in context.knowledge)
    shared = []
    for j in context.setting.everyone:
        bound = context.lower((j + 1) % n, j)
        if not alike and any(context.lower(i, j) != bound for i in context.setting.everyone if i != j):
            return None
        shared.append(bound)
    return tuple(shared)


def _best_state(values: Sequence[StateValues], seller: int | None, agent: Coalition) -> Benchmark:
    """The first state of greatest total value, the seller's own not counted; the null state where all are below 0."""
    counted = [j for j in range(len(values)) if j != seller]
    totals = [total(values[j].values[state] for j in counted) for state in range(len(values[0].states))]
    best = first_largest(totals)
    state = NULL_STATE if totals[best] < 0 else best
    prices = tuple(one.value(state) if j != seller else 0 for j, one in enumerate(values))
    value = max(0, totals[best])
    return Benchmark(value, Outcome(state, prices), value, "exact", agent)

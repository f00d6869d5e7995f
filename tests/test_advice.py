"""Advice: what it says is what the plays give, on every example and on hand-made ones."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from unrigged import advice as module
from unrigged import searches
from unrigged.advice import advise, agent_named, regrouped
from unrigged.advice_json import advice_to_json
from unrigged.errors import InputError
from unrigged.formats import read_scenario, scenario_from
from unrigged.moves.answer import NO, YES
from unrigged.play import outcomes, play, pure_profiles
from unrigged.protocol import Event, after
from unrigged.scenario import Plan
from unrigged.strategies.base import Mixed, RandomPlay, Scripted, Silent
from unrigged.strategies.registry import RATIONAL
from unrigged.transcripts import history_from_json
from unrigged.winners.model import INTERRUPTED

EXAMPLES = Path(__file__).parents[1] / "examples"
FILES = sorted(EXAMPLES.glob("*.yaml"))


def example(name):
    return read_scenario(EXAMPLES / f"{name}.yaml")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_expected_utilities_are_those_of_the_plays(path):
    scenario = read_scenario(path)
    for agent in scenario.agents[:4]:
        names = {scenario.setting.players[player] for player in agent}
        unscripted = {
            label: {k: v for k, v in made.items() if k not in names} for label, made in scenario.moves.items()
        }
        plans = tuple((each, Plan() if each == agent else plan) for each, plan in scenario.plans)
        rational = replace(scenario, plans=plans, moves=unscripted)
        spread = outcomes(scenario.mechanism, rational.profile())
        found = advise(scenario, agent)
        assert found.expected.joint == spread.utility(scenario.context, agent)
        assert found.expected.utilities == tuple(spread.utility(scenario.context, player) for player in agent)
        assert sum(turn.probability for turn in found.turns) <= 1
        assert found.proved
        assert advice_to_json(found)["agent"] == [scenario.setting.players[player] for player in agent]
        for turn in found.turns:
            position, _ = after(scenario.mechanism, turn.history)
            assert position.label == turn.label
            for choice in (*turn.choices, *turn.others):
                for each in choice.moves:
                    space = position.space(each.player)
                    assert space.decode(each.data) == each.move
                    assert each.words == space.describe(each.move)


@pytest.mark.parametrize("name", RATIONAL)
def test_what_is_known_is_said_of_every_mechanism(name):
    notes = RATIONAL[name].NOTES
    assert min(map(len, (notes.optimal, notes.indifferent, notes.reveals))) > 20


def test_the_worked_example_of_the_best_belief_paper():
    found = advise(example("best-belief"), [2])
    (turn,) = found.turns
    (choice,) = turn.choices
    assert choice.moves[0].data == {
        "wanted": ["east", "west"],
        "allocation": {"ann": ["east"], "bob": ["west"]},
        "prices": {"ann": 80, "bob": 70},
    }
    # Heads: both licences for nothing, worth 50; Tails: the reward (1/30)·150/151
    assert choice.expected.joint == (50 + Fraction(150, 151) / 30) / 2
    (silence,) = turn.others
    assert silence.readings[0][0] == "silence"
    assert silence.expected.joint == 0
    assert turn.best == choice.expected.joint
    assert [(search.found.value, search.found.proof) for search in found.searches] == [(150, "exact")]


def test_prices_in_cents_are_not_rounded_to_whole_ones():
    (choice,) = advise(example("best-belief-decimal"), [2]).turns[0].choices
    assert choice.moves[0].data["prices"] == {"ann": "2003/25", "bob": "703/10"}
    (choice,) = advise(example("best-belief-real"), [2]).turns[0].choices
    assert choice.moves[0].data["prices"] == {"ann": "641/8", "bob": "703/10"}


def test_a_voter_is_told_what_the_proposer_will_do():
    found = advise(example("market"), [1, 2])
    vote, alone, other = found.turns
    assert [event.label for event in vote.assumed] == ["propose", "c0"]
    assert (vote.label, alone.label, other.label) == ("answer", "answer alone", "answer alone")
    (choice,) = vote.choices
    assert [each.move for each in choice.moves] == [YES, YES]
    assert [name for name, _ in choice.readings] == ["truthful", "gratis", "shared"]
    assert [[each.move for each in one.moves] for one in vote.others] == [[YES, NO], [NO, YES], [NO, NO]]
    # strictly dominant: eps each, and every other joint vote brings less
    assert choice.expected.joint == Fraction(2, 15)
    assert all(one.expected.joint < choice.expected.joint for one in vote.others)


def test_many_who_answer_are_compared_one_by_one(monkeypatch):
    monkeypatch.setattr(module, "MOST_ANSWERS", 1)
    others = advise(example("market"), [1, 2]).turns[0].others
    assert [[each.move for each in one.moves] for one in others] == [[NO, YES], [YES, NO]]


def test_every_side_of_a_coin_that_comes_first():
    found = advise(example("independent"), [0])
    assert [(turn.mechanism.name, turn.probability) for turn in found.turns] == [
        ("best-belief", Fraction(5, 7)),
        ("second-price-package", Fraction(2, 7)),
    ]
    mean = sum(turn.probability * turn.choices[0].expected.joint for turn in found.turns)
    assert found.expected.joint == mean


def test_readings_that_differ_are_choices_of_their_own():
    (turn,) = advise(example("vcg"), [0, 1]).turns
    assert [[name for name, _ in choice.readings] for choice in turn.choices] == [
        ["truthful"],
        ["ausubel-milgrom"],
        ["shielding"],
    ]
    assert [choice.expected.joint for choice in turn.choices] == [0, 2, 2]
    assert turn.indifferent(turn.choices[1]) == (turn.choices[2],)
    assert turn.indifferent(turn.choices[0]) == turn.others


def test_what_if_they_colluded():
    scenario = example("cats-auction")
    agent = agent_named(scenario, ["bidder-11", "bidder-4"])
    changed, notes = regrouped(scenario, agent)
    assert agent in changed.context.coalitions
    assert sorted(player for block in changed.context.coalitions for player in block) == list(scenario.setting.everyone)
    assert ("is no coalition of the file" in "".join(notes)) == (agent not in scenario.agents)
    assert regrouped(changed, agent) == (changed, ())
    alone, notes = regrouped(example("leveraging"), (0,))
    assert alone.context.coalitions == ((0,), (1,), (2,), (3,))
    assert notes == (
        "{ann} is no coalition of the file, and is taken to act as one; "
        "{ann, bob} is taken to have broken up, {bob} going on in its place",
    )


def test_everybody_cannot_collude_where_that_is_excluded():
    with pytest.raises(InputError, match="everybody in one coalition"):
        advise(example("perfect-revenue"), range(4))


def test_names():
    scenario = example("market")
    assert agent_named(scenario, ["finn", "emil"]) == (1, 2)
    with pytest.raises(InputError, match="did you mean 'finn'"):
        agent_named(scenario, ["fin"])
    with pytest.raises(InputError, match="'finn' twice"):
        agent_named(scenario, ["finn", "finn"])
    with pytest.raises(InputError, match="nobody"):
        agent_named(scenario, [])
    with pytest.raises(InputError, match="players from 0 to 2"):
        advise(scenario, [3])


def test_without_types():
    scenario = scenario_from({"mechanism": "vcg", "players": ["ann", "bob"], "goods": ["x"], "strategies": "silent"})
    with pytest.raises(InputError, match="types"):
        advise(scenario, [0])


def test_advice_for_a_later_step():
    scenario = example("best-belief")
    played = play(scenario.mechanism, scenario.profile(), seed=1)
    tails = (played.history[0], Event("coin", side="Tails"))
    found = advise(scenario, [0], history=tails)
    (turn,) = found.turns
    assert (turn.label, turn.assumed, turn.probability) == ("answer", (), 1)
    (choice,) = turn.choices
    assert choice.moves[0].move is YES
    # the licence at 80 less eps/n, and the reward for having announced 25
    assert choice.expected.joint == 100 - 80 + Fraction(1, 30) + Fraction(25, 26) / 30
    (other,) = turn.others
    assert other.expected.joint == Fraction(25, 26) / 30
    assert advise(scenario, [2], history=tails).turns == ()
    with pytest.raises(InputError, match="a play that is over"):
        advise(scenario, [0], history=(played.history[0], Event("coin", side="Heads")))


def test_nothing_to_decide():
    scenario = example("best-belief")
    tails = (play(scenario.mechanism, scenario.profile(), seed=1).history[0], Event("coin", side="Tails"))
    found = advise(scenario, [2], history=tails)
    assert found.turns == ()
    assert found.expected.joint == Fraction(150, 151) / 30


def test_transcripts_so_far():
    scenario = example("best-belief")
    events = advice_to_json(
        advise(scenario, [0], history=play(scenario.mechanism, scenario.profile(), seed=1).history[:1])
    )
    history = history_from_json(scenario.mechanism, {"events": events["events"]})
    assert len(history) == 1
    assert history_from_json(scenario.mechanism, {"mechanism": "best-belief", "events": []}) == ()
    with pytest.raises(InputError, match="'best-belief', which is played here"):
        history_from_json(scenario.mechanism, {"mechanism": "vcg", "events": []})
    with pytest.raises(InputError, match=r"parameters\.eps.*1/10"):
        history_from_json(scenario.mechanism, {"parameters": {"eps": "1/20"}, "events": []})
    with pytest.raises(InputError, match=r"transcript\.events\[0\]"):
        history_from_json(scenario.mechanism, {"events": [{"label": "report"}]})


def test_what_others_mix_is_conditioned_on_what_they_did():
    mechanism = example("second-price").mechanism
    bids = Scripted({"bid": {"ann": 40}})
    mixed = Mixed(((Fraction(1, 4), bids), (Fraction(1, 2), Silent()), (Fraction(1, 4), RandomPlay(7))))
    profile = {(0,): mixed, (1,): Silent(), (2,): Silent()}
    begun = play(mechanism, {**profile, (0,): bids}, seed=1).history
    assert [chance for chance, _ in pure_profiles(mechanism, profile, begun)] == [1]
    assert outcomes(mechanism, profile, begun=begun).outcomes[0][1] == 1
    unexpected = play(mechanism, {**profile, (0,): Scripted({"bid": {"ann": 10**9}})}, seed=1).history
    assert [chance for chance, _ in pure_profiles(mechanism, profile, unexpected)] == [
        Fraction(1, 4), Fraction(1, 2), Fraction(1, 4),
    ]  # fmt: skip


def large():
    """An auction that is not solved before a search begins."""
    goods = [f"g{k}" for k in range(30)]

    def bid(i, k):
        wanted = [goods[(7 * i + 11 * k + step) % 30] for step in range(2 + (i + k) % 4)]
        return {"goods": wanted, "value": 50 + (37 * i + 13 * k) % 41}

    types = {f"p{i}": {"kind": "xor", "bids": [bid(i, k) for k in range(6)]} for i in range(40)}
    return scenario_from({"mechanism": "best-belief", "players": list(types), "goods": goods, "types": types})


def test_no_time_gives_a_first_answer_with_an_honest_gap():
    scenario = large()
    quick, proved = advise(scenario, [3], limit=0), advise(scenario, [3], limit=60)
    assert proved.proved
    best = proved.searches[-1].found.value
    assert all(search.found.value <= best <= search.found.bound for search in quick.searches[-1:])
    assert quick.turns[0].choices[0].expected is not None
    if not quick.proved:
        assert advice_to_json(quick)["searches"][-1]["proof"] == "none"


def test_an_interrupted_search_gives_what_was_found(monkeypatch):
    calls = []

    def interrupted(auction, **options):
        calls.append(options["limit"])
        if len(calls) == 1:
            raise KeyboardInterrupt
        return real(auction, **options)

    real = searches.winners
    monkeypatch.setattr(searches, "winners", interrupted)
    found = advise(large(), [3], limit=5, progress=lambda value, bound, seconds: None)
    assert all(limit == 0 for limit in calls[1:])
    assert any("interrupted" in note for note in found.notes)
    assert INTERRUPTED in found.searches[0].found.notes
    assert found.turns[0].choices[0].moves
    calls.clear()
    with pytest.raises(KeyboardInterrupt):
        advise(large(), [3], limit=5)


def test_too_many_plays(monkeypatch):
    monkeypatch.setattr(module, "MOST_PLAYS", 2)
    found = advise(example("leveraging"), [2])
    assert found.expected is None
    assert found.turns[0].best is None
    assert found.turns[0].indifferent(found.turns[0].choices[0]) == ()
    assert any("expected utilities are left out" in note for note in found.notes)
    assert advice_to_json(found)["turns"][0]["choices"][0]["expected"] is None


def test_too_many_ways(monkeypatch):
    monkeypatch.setattr(module, "MOST_TURNS", 2)
    found = advise(example("market-fair"), [0])
    assert len(found.turns) == 2
    assert any("only the first 2 ways" in note for note in found.notes)

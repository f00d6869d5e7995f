"""Bytes in one form, secret sharing, the tree of the log, coins, envelopes."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from hashlib import sha256, shake_256
from itertools import combinations

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from unrigged.errors import InputError
from unrigged.sealed import coins, merkle
from unrigged.sealed.coins import below, draw, seed
from unrigged.sealed.encoding import bytes_of, canonical, from_canonical, text_of
from unrigged.sealed.envelope import Committee, Opened, Place, open_envelope, seal
from unrigged.sealed.sharing import product, secret_of, shares


def committee(count: int, threshold: int) -> tuple[Committee, dict[int, bytes]]:
    private = {number: sha256(f"trustee {number}".encode()).digest() for number in range(count)}
    public = [X25519PrivateKey.from_private_bytes(one).public_key().public_bytes_raw() for one in private.values()]
    return Committee(tuple(public), threshold), private


PLACE = Place("s1", 2, "alice", 200)
KEY = sha256(b"a fresh key").digest()


@given(st.recursive(st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
                    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))  # fmt: skip
def test_canonical_json_reads_back_and_is_the_only_form(value: object) -> None:
    if "\ud800" <= max(repr(value)) <= "\udfff":
        return
    data = canonical(value)
    assert from_canonical(data) == value
    with pytest.raises(InputError):
        from_canonical(data + b" ")


OTHER_FORMS = [
    b'{"b":1,"a":2}',
    b'{"a":1,"a":1}',
    b'"\\u0061"',
    b"1.0",
    b"1e3",
    b"NaN",
    b"\xff",
    b"[1, 2]",
    b"[" * 100_000,
]


@pytest.mark.parametrize("data", [*OTHER_FORMS, b"9007199254740993"])
def test_other_forms_are_refused(data: bytes) -> None:
    with pytest.raises(InputError):
        from_canonical(data)


@given(st.binary())
def test_base64_has_one_form(data: bytes) -> None:
    assert bytes_of(text_of(data), "x") == data


@pytest.mark.parametrize("text", ["A", "AB", "AA=", "A A", "AA\n", 3, None, "+/8"])
def test_other_base64_is_refused(text: object) -> None:
    with pytest.raises(InputError):
        bytes_of(text, "x")


def test_the_field() -> None:
    def slow(a: int, b: int) -> int:
        answer = 0
        while b:
            answer ^= a * (b & 1)
            a = (a << 1) ^ (0x11B if a & 0x80 else 0)
            b >>= 1
        return answer

    assert all(product(a, b) == slow(a, b) for a in range(256) for b in range(0, 256, 7))


def test_any_t_shares_give_the_secret_and_fewer_do_not() -> None:
    secret = bytes(range(32))
    parts = shares(secret, [sha256(b"1").digest(), sha256(b"2").digest()], 5)
    for chosen in combinations(range(5), 3):
        assert secret_of({place: parts[place] for place in chosen}) == secret
    assert all(secret_of({place: parts[place] for place in two}) != secret for two in combinations(range(5), 2))


def test_rfc_6962_roots() -> None:
    """The tree over n leaves, by the definition's recursion."""

    def slow(entries: list[bytes]) -> bytes:
        if not entries:
            return sha256(b"").digest()
        if len(entries) == 1:
            return sha256(b"\x00" + entries[0]).digest()
        middle = 1
        while 2 * middle < len(entries):
            middle *= 2
        return sha256(b"\x01" + slow(entries[:middle]) + slow(entries[middle:])).digest()

    entries = [bytes([number]) for number in range(40)]
    for size in range(41):
        assert merkle.root([merkle.leaf(one) for one in entries[:size]]) == slow(entries[:size])


def test_proofs_of_inclusion_and_growth() -> None:
    leaves = [merkle.leaf(bytes([number])) for number in range(21)]
    for size in range(1, 22):
        tree = merkle.root(leaves[:size])
        for index in range(size):
            path = merkle.inclusion(leaves[:size], index)
            assert merkle.root_of_path(leaves[index], index, size, path) == tree
            wrong = (index + 1) % size
            assert size == 1 or merkle.root_of_path(leaves[wrong], index, size, path) != tree
        for earlier in range(1, size + 1):
            old, proof = merkle.root(leaves[:earlier]), merkle.consistency(leaves[:size], earlier)
            assert merkle.is_consistent(earlier, old, size, tree, proof)
            assert not merkle.is_consistent(earlier, merkle.EMPTY, size, tree, proof)
            assert not merkle.is_consistent(earlier, old, size, merkle.EMPTY, proof)
            if proof:
                assert not merkle.is_consistent(earlier, old, size, tree, proof[:-1])


def test_coins_have_their_odds_exactly(monkeypatch: pytest.MonkeyPatch) -> None:
    """For every denominator up to 512: of the candidates of the stream, which are equally likely, as many lead to each
    side as its odds say, and those refused lead to the next candidate."""
    for denominator in range(1, 513):
        numerators = [part for part in (denominator // 3, denominator - denominator // 3) if part]
        odds = [Fraction(part, denominator) for part in numerators]
        whole = max(chance.denominator for chance in odds)
        bits = (whole - 1).bit_length()
        sides: Counter[int] = Counter()
        for candidate in range(2**bits):
            monkeypatch.setattr(coins, "_candidates", lambda *_, first=candidate: iter([first, "next"]))
            try:
                sides[draw(odds, b"", "")] += 1
            except TypeError:  # the candidate is refused: the next one was asked for
                assert candidate >= whole
        assert [sides[side] for side in range(len(odds))] == [chance * whole for chance in odds]


def second_below(limit: int, seed_: bytes, label: str) -> int:
    """The same draw, written again from its description."""
    bits, size = (limit - 1).bit_length(), ((limit - 1).bit_length() + 7) // 8
    message = b"unrigged/1"
    for part in (b"coin", seed_, label.encode()):
        message += len(part).to_bytes(8, "big") + part
    number = 0
    while True:
        piece = shake_256(message).digest(size * (number + 1))[size * number :]
        value = int.from_bytes(piece, "big") % 2**bits
        if value < limit:
            return value
        number += 1


@given(st.integers(1, 2**70), st.binary(min_size=32, max_size=32), st.text(max_size=20))
def test_a_second_implementation_draws_the_same(limit: int, seed_: bytes, label: str) -> None:
    assert below(limit, seed_, label) == second_below(limit, seed_, label)


GOLDEN = [(2, "coin", 1), (6, "star", 3), (1000, "w", 503), (10**40, "bip 1", 2741283412366550822310632033676409361458)]


def test_golden_coins() -> None:
    base = seed("golden", b"\x00" * 32)
    assert base.hex() == seed("golden", bytes(32)).hex()
    assert [(limit, label, below(limit, base, label)) for limit, label, _ in GOLDEN] == GOLDEN


def test_enormous_denominators() -> None:
    whole = 10**3000 + 1
    side = draw([Fraction(1, whole), Fraction(whole - 1, whole)], seed("big"), "coin")
    assert side == 1


def test_draws_are_even() -> None:
    """Chi-square of 60,000 draws of a coin with six sides; 20.5 is exceeded by chance once in a thousand times."""
    counts = Counter(below(6, seed(number), "die") for number in range(60_000))
    statistic = sum((count - 10_000) ** 2 for count in counts.values()) / 10_000
    assert statistic < 20.5


@pytest.mark.parametrize(("count", "threshold"), [(1, 1), (4, 3), (7, 5)])
def test_any_t_trustees_open_an_envelope(count: int, threshold: int) -> None:
    trustees, private = committee(count, threshold)
    envelope = seal(b"my move", KEY, PLACE, trustees)
    answers = {open_envelope(envelope, PLACE, trustees, {place: private[place] for place in chosen})
               for chosen in combinations(range(count), threshold)}  # fmt: skip
    assert len(answers) == 1
    (opened,) = answers
    assert isinstance(opened, Opened)
    assert opened.content == b"my move"


def test_an_envelope_belongs_to_one_place() -> None:
    trustees, private = committee(1, 1)
    envelope = seal(b"my move", KEY, PLACE, trustees)
    for other in (Place("s2", 2, "alice", 200), Place("s1", 3, "alice", 200), Place("s1", 2, "bob", 200),
                  Place("s1", 2, "alice", 201)):  # fmt: skip
        assert isinstance(open_envelope(envelope, other, trustees, private), str)


def test_too_few_keys_or_others_are_refused() -> None:
    trustees, private = committee(4, 3)
    envelope = seal(b"my move", KEY, PLACE, trustees)
    with pytest.raises(InputError, match="at least 3"):
        open_envelope(envelope, PLACE, trustees, {0: private[0], 1: private[1]})
    with pytest.raises(InputError, match="trustee 2"):
        open_envelope(envelope, PLACE, trustees, {0: private[0], 1: private[0], 2: private[2]})


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_whatever_is_changed_is_void_for_all_trustees_alike(data: st.DataObject) -> None:
    trustees, private = committee(4, 3)
    envelope = bytearray(seal(b"my move", KEY, PLACE, trustees))
    place = data.draw(st.integers(0, len(envelope) - 1))
    envelope[place] ^= data.draw(st.integers(1, 255))
    for chosen in combinations(range(4), 3):
        found = open_envelope(bytes(envelope), PLACE, trustees, {number: private[number] for number in chosen})
        assert isinstance(found, str)


def test_a_share_that_differs_for_one_trustee_is_void_for_all() -> None:
    """A sender who mixes the boxes of two envelopes with one content: no set of trustees accepts it."""
    trustees, private = committee(4, 3)
    one = from_canonical(seal(b"my move", KEY, PLACE, trustees))
    two = from_canonical(seal(b"my move", sha256(b"other").digest(), PLACE, trustees))
    one["boxes"][3] = two["boxes"][3]
    for chosen in combinations(range(4), 3):
        private_ = {number: private[number] for number in chosen}
        assert isinstance(open_envelope(canonical(one), PLACE, trustees, private_), str)

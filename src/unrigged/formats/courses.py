"""Students' points for courses (the JSON of fairpyx), read as an auction of one seat of each course, and written.

Points are values, a student's capacity is a limit on how many courses he can use. The real capacities of courses are
not used: with them, nothing would be scarce.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from unrigged.errors import InputError
from unrigged.exact import Exact, exact, integer, to_json
from unrigged.formats.auction_file import AuctionFile
from unrigged.formats.cats_numbers import counted
from unrigged.formats.documents import inside
from unrigged.setting import Goods, Setting
from unrigged.valuations import Additive, Type

FIELDS = ("valuations", "agent_capacities", "item_capacities", "agent_conflicts", "item_conflicts")


def looks_like_courses(document: Mapping[str, Any]) -> bool:
    """Whether `document` holds points for courses rather than a scenario."""
    return "valuations" in document and "mechanism" not in document


def read_courses(document: Mapping[str, Any], where: str = "courses") -> AuctionFile:
    """The auction of one seat of each course among the students of `document`.

    Goods are the courses in the order of `item_capacities`, or of appearance; a student's value of a set is the sum of
    his points for its best courses, as many as his capacity allows. A course a student must not take is worth 0 to him.
    Raises InputError naming the place.
    """
    with inside(where):
        return _read(document)


def _read(document: Mapping[str, Any]) -> AuctionFile:
    for name in document:
        if name not in FIELDS:
            raise InputError(name, f"the field '{name}'", "only " + ", ".join(FIELDS))
    points = _mapping(document, "valuations")
    seats, limits = _mapping(document, "item_capacities"), _mapping(document, "agent_capacities")
    excluded, clashes = _mapping(document, "agent_conflicts"), _mapping(document, "item_conflicts")
    students = tuple(points)
    rows = {student: _mapping(points, student, "valuations") for student in students}
    courses = Goods(seats or dict.fromkeys(course for row in rows.values() for course in row))
    setting = Setting(students, courses)
    for name, given in (("agent_capacities", limits), ("agent_conflicts", excluded)):
        for student in given:
            setting.player(student, name)
    counts = [integer(count, f"item_capacities.{course}", least=0) for course, count in seats.items()]
    types = []
    banned = 0
    for student in students:
        values = {course: exact(value, f"valuations.{student}.{course}") for course, value in rows[student].items()}
        for course in _listed(excluded, student, "agent_conflicts"):
            courses.number(course, f"agent_conflicts.{student}")
            banned += values.pop(course, 0) != 0
        limit = integer(limits[student], f"agent_capacities.{student}", least=0) if student in limits else len(courses)
        with inside(f"valuations.{student}"):
            types.append(Additive(courses, values, limit))
    notes = [_seats(counts, len(students)), *_limits(limits, students)]
    missing = sum(len(courses) - len(row) for row in rows.values())
    if missing:
        notes.append(f"points that are not given are read as 0 ({missing} of them)")
    if banned:
        notes.append(f"a course that a student must not take is worth 0 to him ({counted(banned, 'case')})")
    if clashes:
        pairs = {frozenset((a, b)) for a in clashes for b in _listed(clashes, a, "item_conflicts")}
        exclusive = counted(len(pairs), "pair of courses", "pairs of courses")
        notes.append(
            f"courses that exclude one another may still be won together, as values do not show it ({exclusive})"
        )
    return AuctionFile(setting, tuple(types), tuple(notes))


def _mapping(document: Mapping[str, Any], name: str, within: str = "") -> Mapping[str, Any]:
    found = document.get(name, {})
    where = f"{within}.{name}" if within else name
    if not isinstance(found, Mapping) or (name == "valuations" and not found):
        raise InputError(where, found, "a mapping, not empty" if name == "valuations" else "a mapping")
    return found


def _listed(document: Mapping[str, Any], name: str, within: str) -> list[str]:
    found = document.get(name, [])
    if not isinstance(found, list) or not all(isinstance(course, str) for course in found):
        raise InputError(f"{within}.{name}", found, "a list of courses")
    return found


def _seats(counts: Sequence[int], students: int) -> str:
    if not counts:
        return "one seat of each course is sold"
    if min(counts) < students:
        return f"one seat of each course is sold, not the {min(counts)} to {max(counts)} in the file"
    enough = f"with the {min(counts)} to {max(counts)} in the file, nothing would be scarce for {students} students"
    return f"one seat of each course is sold: {enough}"


def _limits(limits: Mapping[str, Any], students: Sequence[str]) -> list[str]:
    if not limits:
        return ["students may use as many courses as they win: the file has no limits"]
    without = [student for student in students if student not in limits]
    more = f" ({len(without)} have none)" if without else ""
    return [f"students' capacities limit how many courses count for them: the best ones of those they win{more}"]


def write_courses(setting: Setting, types: Sequence[Type]) -> dict[str, Any]:
    """The document that `read_courses` reads back; InputError for types that are not additive and >= 0."""
    goods = setting.need_goods("a file of course bids")
    if setting.endowment is not None:
        raise InputError("endowment", "goods with owners", "goods without owners, as such files have no others")
    points: dict[str, dict[str, Any]] = {}
    limits: dict[str, int] = {}
    for student, one in zip(setting.players, types, strict=True):
        if not isinstance(one, Additive) or not one.free_disposal:
            raise InputError(f"types.{student}", f"a valuation of the kind {one.kind}", "additive values >= 0")
        values: Mapping[str, Exact] = dict(zip(goods, one.per_good, strict=True))
        points[student] = {course: to_json(value) for course, value in values.items()}
        limits[student] = len(goods) if one.capacity is None else one.capacity
    return {"valuations": points, "agent_capacities": limits, "item_capacities": dict.fromkeys(goods, 1)}

"""Course bids: one seat of each course, students' capacities as limits, conflicts, and what is noted or refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from unrigged.errors import InputError
from unrigged.formats import read_auction, read_courses, read_scenario, write_courses
from unrigged.setting import auction
from unrigged.valuations import Additive, UnitDemand

SHARED = Path(__file__).parents[2].parent / "shared" / "data" / "courses" / "ariel_5783_input.json"

POINTS: dict[str, Any] = {
    "valuations": {"dana": {"logic": 60, "law": 40, "art": 10}, "eli": {"logic": 5}},
    "agent_capacities": {"dana": 2, "eli": 1},
    "item_capacities": {"logic": 30, "law": 25, "art": 40},
    "agent_conflicts": {"dana": ["art"]},
    "item_conflicts": {"logic": ["law"], "law": ["logic"]},
}


def test_points_capacities_and_conflicts() -> None:
    found = read_courses(POINTS)
    goods = ["logic", "law", "art"]
    assert found.setting == auction(["dana", "eli"], goods)
    assert found.types == (Additive(goods, {"logic": 60, "law": 40}, 2), Additive(goods, {"logic": 5}, 1))
    assert found.notes == (
        "one seat of each course is sold: with the 25 to 40 in the file, nothing would be scarce for 2 students",
        "students' capacities limit how many courses count for them: the best ones of those they win",
        "points that are not given are read as 0 (2 of them)",
        "a course that a student must not take is worth 0 to him (1 case)",
        "courses that exclude one another may still be won together, as values do not show it (1 pair of courses)",
    )


def test_bare_points() -> None:
    found = read_courses({"valuations": {"dana": {"logic": "1/2"}, "eli": {"law": 3}}})
    assert found.setting.goods == ("logic", "law")
    assert found.notes[:2] == (
        "one seat of each course is sold",
        "students may use as many courses as they win: the file has no limits",
    )


def test_scarce_seats() -> None:
    found = read_courses({**POINTS, "item_capacities": {"logic": 1, "law": 1, "art": 2}})
    assert found.notes[0] == "one seat of each course is sold, not the 1 to 2 in the file"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"valuations": {}}, "f: valuations: found {}, expected a mapping, not empty"),
        ({"valuations": {"dana": {"music": 3}}}, "f: agent_capacities: found the player 'eli'"),
        (
            {"valuations": {"dana": {"music": 3}, "eli": {}}},
            "f: valuations.dana: additive values: found the good 'music'",
        ),
        ({"valuations": {"dana": {"law": -3}, "eli": {}}}, "f: valuations.dana: additive values.law: found -3"),
        ({"valuations": {"dana": 3, "eli": {}}}, "f: valuations.dana: found 3, expected a mapping"),
        ({"agent_capacities": {"dana": "two"}}, "f: agent_capacities.dana: found two"),
        ({"agent_capacities": {"dana": -1}}, "f: agent_capacities.dana: found -1, expected an integer >= 0"),
        ({"item_capacities": {"law": "many"}}, "f: item_capacities.law: found many"),
        ({"agent_conflicts": {"dana": ["music"]}}, "f: agent_conflicts.dana: found the good 'music'"),
        ({"agent_conflicts": {"dana": "law"}}, "f: agent_conflicts.dana: found law, expected a list of courses"),
        ({"course_fees": {}}, "f: course_fees: found the field 'course_fees', expected only valuations"),
    ],
)
def test_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as caught:
        read_courses({**POINTS, **change}, "f")
    assert str(caught.value).startswith(message)


def test_written_and_read_back() -> None:
    found = read_courses(POINTS)
    document = write_courses(found.setting, found.types)
    again = read_courses(json.loads(json.dumps(document)))
    assert (again.setting, again.types) == (found.setting, found.types)


def test_what_cannot_be_written() -> None:
    setting = auction(["dana"], ["law"])
    with pytest.raises(InputError, match=r"types.dana: found a valuation of the kind unit-demand, expected additive"):
        write_courses(setting, [UnitDemand(["law"], {"law": 3})])
    with pytest.raises(InputError, match="expected additive values >= 0"):
        write_courses(setting, [Additive(["law"], {"law": -3})])


def test_recognised_by_content(tmp_path: Path) -> None:
    path = tmp_path / "points.json"
    path.write_text(json.dumps(POINTS))
    scenario = read_scenario(path)
    assert scenario.mechanism.name == "best-belief"
    assert scenario.context is not None
    assert scenario.context.types == read_courses(POINTS).types
    assert scenario.notes[-1] == "the mechanism best-belief is assumed, everybody knows all values, and nobody colludes"


@pytest.mark.skipif(not SHARED.exists(), reason=f"the shared data set is not beside the checkout ({SHARED})")
def test_the_real_file() -> None:
    found = read_auction({"file": str(SHARED), "format": "courses"})
    assert (found.setting.n, found.setting.m) == (26, 23)
    capacities = [one.capacity for one in found.types if isinstance(one, Additive)]
    assert capacities[:8] == [6, 6, 4, 4, 6, 6, 6, 2]
    assert found.types[0]("lmydt mKHvnh") == 501
    assert found.notes == (
        "one seat of each course is sold: with the 40 to 126 in the file, nothing would be scarce for 26 students",
        "students' capacities limit how many courses count for them: the best ones of those they win",
        "points that are not given are read as 0 (24 of them)",
        "courses that exclude one another may still be won together, as values do not show it (6 pairs of courses)",
    )

"""What a flood must have shown, or it was none."""

from delivery.drills.behind import shown


def said(best: float, **answers: int) -> dict[str, object]:
    return {"seconds": 2.0, "best": best, "answers": {name.removeprefix("s"): count for name, count in answers.items()}}


def test_how_often_it_was_answered_and_with_what_is_told() -> None:
    told = shown(said(812.4, s200=1400, s429=100, TimeoutError=3), many=False)
    assert told.notes == ("the flood was answered 750 times a second, 812 at best: 1400 times 200, 100 times 429",)
    assert told.lacks == ()


def test_a_flood_that_hardly_anybody_answered_is_none() -> None:
    assert shown(said(900, s200=999, ConnectionRefusedError=5000), many=False).lacks == (
        "it was answered 999 times only; 1000 are the least for a flood",
    )


def test_of_a_flood_from_many_addresses_nobody_is_refused_for_what_others_asked() -> None:
    assert shown(said(300, s200=1000), many=True).lacks == ()
    assert shown(said(300, s200=1000, s429=2), many=True).lacks == ("2 were refused as too many for one address",)

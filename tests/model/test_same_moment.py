"""A moment that is found again is the same moment; its neighbour is not."""

from hypothesis import given
from hypothesis import strategies as st

from model.indicators import Indicator
from model.same_moment import Found, match_moments

YOUTH, QUESTION = Indicator.YOUTH_VOICE, Indicator.PURPOSEFUL_QUESTIONS


def at(start: float, end: float, *, indicator: Indicator = YOUTH, code: str = "reasoning") -> Found:
    return Found(indicator=indicator, code=code, start=start, end=end, utterances=("u",))


def untimed(*utterances: str) -> Found:
    return Found(indicator=YOUTH, code="reasoning", start=None, end=None, utterances=utterances)


def test_a_moment_that_grew_is_the_same_and_one_elsewhere_is_new() -> None:
    known = {"a": at(10, 20), "b": at(50, 60)}
    assert match_moments(known, [at(10, 26), at(30, 40)]) == ("a", None)


def test_another_look_for_at_the_same_time_is_another_moment() -> None:
    assert match_moments({"a": at(10, 20)}, [at(10, 20, indicator=QUESTION)]) == (None,)


def test_half_of_both_together_has_to_be_shared() -> None:
    # 10 s of 20 s are exactly half; 9.9 s of 20.1 s are less.
    assert match_moments({"a": at(10, 25)}, [at(15, 30)]) == ("a",)
    assert match_moments({"a": at(10, 25)}, [at(15.1, 30.1)]) == (None,)


def test_the_answer_alone_is_not_the_question_with_its_answer() -> None:
    assert match_moments({"a": at(1, 7.5)}, [at(5, 7.5)]) == (None,)


def test_a_moment_that_split_keeps_its_id_once() -> None:
    # Of 20 s, 12 and 8 s are found: 12/20 against 8/20.
    assert match_moments({"a": at(10, 30)}, [at(22, 30), at(10, 22)]) == (None, "a")


def test_without_times_shared_utterances_tell() -> None:
    assert match_moments({"a": untimed("u1", "u2")}, [untimed("u2"), untimed("u4")]) == ("a", None)


MOMENTS = st.builds(
    lambda start, length, indicator, code: at(start, start + length, indicator=indicator, code=code),
    st.integers(0, 60),
    st.integers(1, 20),
    st.sampled_from(Indicator),
    st.sampled_from(["open", "reasoning"]),
)


@given(st.lists(MOMENTS, unique=True, max_size=12), st.lists(MOMENTS, unique=True, max_size=12))
def test_unchanged_moments_keep_their_ids_and_no_id_is_given_twice(before: list[Found], after: list[Found]) -> None:
    known = {f"e{i}": one for i, one in enumerate(before)}
    given_ids = match_moments(known, after)
    named = [id_ for id_ in given_ids if id_ is not None]
    assert len(set(named)) == len(named)
    for one, id_ in zip(after, given_ids, strict=True):
        if id_ is not None:
            assert known[id_].indicator is one.indicator
        if one in before:
            assert id_ is not None
            assert known[id_] == one

"""Measures: each value worked out by hand, each interval by its own argument, each None with its reason."""

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.indicators import CODES
from model.measures import MEASURE_IDS, MIN_COVERAGE, Codes, Measure, measure
from model.transcript import Role, SpeechHeard, Transcript, Utterance
from model.uncertain import Part, Together, count_interval, median_interval, share_distribution

F, Y, U = Role.FACILITATOR, Role.YOUTH, Role.UNKNOWN


def said(
    number: int,
    role: Role,
    start: float | None,
    end: float | None,
    *,
    speaker: str | None = "",
    role_p: float = 1.0,
    text: str = "some four spoken words",
) -> Utterance:
    voice = {F: "s1", Y: "s2", U: "s3"}[role] if speaker == "" else speaker
    return Utterance(id=f"u{number}", start=start, end=end, speaker=voice, role=role, role_p=role_p, text=text)


def heard(heard_s: float, recognised_s: float) -> SpeechHeard:
    return SpeechHeard(heard_s=heard_s, recognised_s=recognised_s)


def of(measures: tuple[Measure, ...], id_: str) -> Measure:
    return next(m for m in measures if m.id == id_)


def codes_for(utterances: tuple[Utterance, ...], **p: float) -> Codes:
    """The same probabilities on every utterance; codes not named are at 0."""
    return tuple((u.id, tuple((code.id, p.get(code.id, 0.0)) for code in CODES)) for u in utterances)


def transcript(*utterances: Utterance, speech: SpeechHeard | None = None) -> Transcript:
    return Transcript(utterances=utterances, language="en", speech=speech)


# ---- the catalogue ------------------------------------------------------------------------------------------------


def test_every_measure_is_given_always_and_in_order() -> None:
    for spoken in (transcript(), transcript(said(1, F, None, None)), transcript(said(1, F, 0, 1))):
        assert tuple(m.id for m in measure(spoken, (), duration_s=None)) == MEASURE_IDS


def test_no_value_without_a_reason_and_no_reason_beside_a_value() -> None:
    spoken = transcript(said(1, F, 0, 2), said(2, Y, 3, 4), said(3, F, 5, 6), speech=heard(6, 5))
    for found in measure(spoken, codes_for(spoken.utterances, open=0.9), duration_s=60):
        assert (found.value is None) == (found.reason is not None)
        if found.value is not None and found.low is not None and found.high is not None:
            assert found.low <= found.value <= found.high


# ---- talk share ---------------------------------------------------------------------------------------------------


def test_talk_share_is_speaking_time() -> None:
    # facilitator 6 s, youth 2 s: youth 2 / 8 = .25
    measures = measure(transcript(said(1, F, 0, 6), said(2, Y, 6, 8)), (), duration_s=8)
    youth, facilitator = of(measures, "talk_share_youth"), of(measures, "talk_share_facilitator")
    assert (youth.value, youth.low, youth.high) == (0.25, 0.25, 0.25)  # roles given by a person: nothing uncertain
    assert (facilitator.value, facilitator.low, facilitator.high) == (0.75, 0.75, 0.75)
    assert youth.n == 2


def test_talk_share_carries_how_sure_the_roles_are() -> None:
    # The youth voice (4 of 10 s) may be the facilitator's with .1, so share 0 has .1 > .025; the facilitator's voice
    # is sure. Median: .4.
    spoken = transcript(said(1, F, 0, 6), said(2, Y, 6, 10, role_p=0.9))
    youth = of(measure(spoken, (), duration_s=10), "talk_share_youth")
    assert (youth.low, youth.value, youth.high) == (0.0, 0.4, 0.4)


def test_one_voice_is_right_or_wrong_together() -> None:
    # Ten utterances of one doubtful voice move together: were they independent, the interval would close in.
    utterances = [said(i, Y, i, i + 1, role_p=0.8) for i in range(10)]
    spoken = transcript(*utterances, said(20, F, 10, 20))
    youth = of(measure(spoken, (), duration_s=20), "talk_share_youth")
    assert (youth.low, youth.high) == (0.0, 0.5)


def test_somebody_leads_the_session() -> None:
    # Facilitator 6 s (.9 sure), youth 4 s (.99 sure). Share .4: .9 · .99 = .891; 0: .9 · .01; .6: .1 · .01;
    # 1.0: .1 · .99 = .099 would reach into the interval, but then nobody led the session: taken out.
    spoken = transcript(said(1, F, 0, 6, role_p=0.9), said(2, Y, 6, 10, role_p=0.99))
    youth = of(measure(spoken, (), duration_s=10), "talk_share_youth")
    assert (youth.low, youth.value, youth.high) == (0.4, 0.4, 0.4)


def test_youth_alone_is_believed_where_it_is_likely() -> None:
    spoken = transcript(said(1, Y, 0, 6, role_p=0.99), said(2, Y, 6, 10, role_p=0.99, speaker="s9"))
    assert of(measure(spoken, (), duration_s=10), "talk_share_youth").value == 1.0


def test_unrecognised_speech_widens_the_share() -> None:
    # 8 s recognised (youth 2), 2 s heard and not recognised: anything from 2/10 to 4/10, evenly.
    spoken = transcript(said(1, F, 0, 6), said(2, Y, 6, 8), speech=heard(10, 8))
    youth = of(measure(spoken, (), duration_s=10), "talk_share_youth")
    assert youth.value == pytest.approx(0.3, abs=0.002)
    assert youth.low == pytest.approx(0.2 + 0.025 * 0.2, abs=0.002)
    assert youth.high == pytest.approx(0.4 - 0.025 * 0.2, abs=0.002)
    assert youth.coverage == pytest.approx(0.8)


def test_unrecognised_speech_of_known_voices_counts_for_their_role() -> None:
    speech = SpeechHeard(
        heard_s=10, recognised_s=8, heard_by_role_s=((F, 6.0), (Y, 4.0)), recognised_by_role_s=((F, 6.0), (Y, 2.0))
    )
    youth = of(
        measure(transcript(said(1, F, 0, 6), said(2, Y, 6, 8), speech=speech), (), duration_s=10), "talk_share_youth"
    )
    assert youth.value == pytest.approx(0.4)  # 2 s in words and 2 s without


def test_below_the_stated_coverage_nothing_is_claimed() -> None:
    spoken = transcript(said(1, F, 0, 6), said(2, Y, 6, 8), speech=heard(20, 20 * MIN_COVERAGE - 1))
    for found in measure(spoken, codes_for(spoken.utterances, open=0.5), duration_s=20):
        assert found.value is None, found.id
        assert found.reason is not None
        assert found.reason.startswith(("Insufficient audio", "The transcript does not tell"))


def test_youths_below_coverage_hide_youth_measures_only() -> None:
    speech = SpeechHeard(
        heard_s=20, recognised_s=16, heard_by_role_s=((F, 14.0), (Y, 6.0)), recognised_by_role_s=((F, 14.0), (Y, 2.0))
    )
    spoken = transcript(said(1, F, 0, 14), said(2, Y, 14, 16), speech=speech)
    measures = measure(spoken, codes_for(spoken.utterances, open=0.5, idea=0.5), duration_s=20)
    assert of(measures, "count_open").value is not None  # the facilitator was understood
    assert of(measures, "count_idea").value is None  # the youth were not: 2 of 6 s
    assert of(measures, "count_idea").coverage == pytest.approx(1 / 3)


# ---- without times, sound or voices --------------------------------------------------------------------------------


def test_an_untimed_transcript_gives_what_needs_no_times() -> None:
    spoken = transcript(
        said(1, F, None, None, text="what do you see here now"), said(2, Y, None, None, text="a seed"), speech=None
    )
    measures = measure(spoken, codes_for(spoken.utterances, open=0.5), duration_s=None)
    assert of(measures, "word_share_youth").value == 0.25  # 2 of 8 words
    assert of(measures, "youth_turns").value == 1
    assert of(measures, "count_open").value == 1.0  # .5 + .5
    assert of(measures, "talk_share_youth").reason == "The transcript has no times."
    assert of(measures, "wait_time").reason == "The transcript has no times."
    assert of(measures, "youth_turns_rate").reason == "The length of the recording is not known."
    assert all(m.coverage is None for m in measures)


def test_an_empty_transcript_and_a_silent_recording_say_so() -> None:
    for m in measure(transcript(), (), duration_s=None):
        assert (m.value, m.reason) == (None, "The transcript is empty.")
    for m in measure(transcript(speech=heard(0, 0)), (), duration_s=60):
        assert (m.value, m.reason) == (None, "No voice was heard.")
    for m in measure(transcript(speech=heard(30, 0)), (), duration_s=60):
        assert (m.value, m.reason) == (None, "No words were recognised.")


def test_unknown_roles_give_no_shares() -> None:
    spoken = transcript(said(1, U, 0, 2, role_p=0.5), said(2, U, 2, 3, role_p=0.5, speaker="s4"))
    measures = measure(spoken, (), duration_s=3)
    for id_ in ("talk_share_youth", "word_share_youth", "youth_turns"):
        assert of(measures, id_).reason == "Nobody's role is known."


# ---- turns and voices ----------------------------------------------------------------------------------------------


def test_turns_are_runs_of_one_voice() -> None:
    spoken = transcript(
        said(1, F, 0, 1), said(2, Y, 1, 2), said(3, Y, 2, 3), said(4, Y, 3, 4, speaker="s5"), said(5, F, 4, 5)
    )
    measures = measure(spoken, (), duration_s=300)
    assert of(measures, "youth_turns").value == 2  # u2+u3, u4
    assert of(measures, "youth_turns_rate").value == 4.0  # 2 in 5 minutes
    assert of(measures, "youth_turns").n == 4


def test_voices_are_counted_with_their_doubt() -> None:
    spoken = transcript(
        *(said(i, Y, i, i + 1, speaker="a", role_p=0.99) for i in (1, 2)),
        *(said(i, Y, i, i + 1, speaker="b", role_p=0.6) for i in (3, 4)),
        *(said(i, F, i, i + 1, speaker="c", role_p=0.99) for i in (5, 6)),
        said(7, Y, 7, 8, speaker="d", role_p=0.99),  # heard once: may be a stray sound
    )
    voices = of(measure(spoken, (), duration_s=10), "youth_voices")
    assert (voices.low, voices.value, voices.high) == (1.0, 2.0, 2.0)
    assert voices.n == 3
    assert voices.note is not None
    assert "at least" in voices.note


def test_voices_need_speaker_labels() -> None:
    spoken = transcript(said(1, Y, 0, 1, speaker=None))
    assert (
        of(measure(spoken, (), duration_s=1), "youth_voices").reason == "The transcript does not tell speakers apart."
    )


# ---- wait time -----------------------------------------------------------------------------------------------------


def asked(*gaps: tuple[float, Role]) -> tuple[Transcript, Codes]:
    """Open questions of 1 s, each followed after a gap by one second of someone."""
    utterances: list[Utterance] = []
    p = []
    at = 0.0
    for gap, answerer in gaps:
        question = said(len(utterances) + 1, F, at, at + 1)
        answer = said(len(utterances) + 2, answerer, at + 1 + gap, at + 2 + gap)
        utterances += [question, answer]
        p += [(question.id, (("open", 0.9),)), (answer.id, (("open", 0.0),))]
        at = at + 2 + gap + 30.0  # the next question comes long after
    return transcript(*utterances), tuple(p)


def test_wait_time_is_the_median_pause_after_open_questions() -> None:
    spoken, codes = asked((1.0, Y), (2.0, Y), (4.0, Y))
    wait = of(measure(spoken, codes, duration_s=120), "wait_time")
    assert wait.value == pytest.approx(2.0)
    assert (wait.low, wait.high) == (None, None)  # three waits bound no 95 % interval
    assert wait.n == 3


def test_wait_time_interval_is_by_order_statistics_widened_by_what_word_times_are_good_for() -> None:
    spoken, codes = asked(*((float(g), Y) for g in (1, 2, 3, 4, 5, 6)))
    wait = of(measure(spoken, codes, duration_s=300), "wait_time")
    assert wait.value == pytest.approx(3.5)
    assert wait.low == pytest.approx(1.0 - 0.3)
    assert wait.high == pytest.approx(6.0 + 0.3)


def test_what_is_not_waiting_is_left_out() -> None:
    spoken, codes = asked(
        (2.0, Y),
        (0.3, F),  # the asker goes on at once: no room was left
        (1.2, F),  # the asker breaks a real pause: that was the wait
        (20.0, Y),  # work, not waiting
        (3.0, Y),
    )
    wait = of(measure(spoken, codes, duration_s=300), "wait_time")
    assert wait.n == 3
    assert wait.value == pytest.approx(2.0)  # of 2.0, 1.2, 3.0


def test_a_wait_filled_by_other_talk_is_no_wait() -> None:
    spoken, codes = asked((2.0, Y), (2.0, Y), (2.0, Y))
    over_the_first = said(90, Y, 0.5, 1.5, speaker="s7")
    filled = Transcript(utterances=(*spoken.utterances, over_the_first), language="en")
    wait = of(measure(filled, codes, duration_s=300), "wait_time")
    assert wait.value is None
    assert wait.reason == "Too few pauses could be measured (2); a median needs at least 3."


def test_closed_questions_have_no_wait_time() -> None:
    spoken, codes = asked((1.0, Y), (2.0, Y), (4.0, Y))
    closed = tuple((id_, tuple((c, 0.4) for c, _ in row)) for id_, row in codes)
    assert of(measure(spoken, closed, duration_s=120), "wait_time").n == 0


# ---- counts and mix ------------------------------------------------------------------------------------------------


def test_counts_are_calibrated_sums_with_the_exact_interval() -> None:
    # Twenty fair coins: mean 10, and 6 to 14 is the equal-tailed 95 % interval of Binomial(20, 1/2)
    spoken = transcript(*(said(i, F, i, i + 1) for i in range(20)))
    count = of(measure(spoken, codes_for(spoken.utterances, open=0.5), duration_s=20), "count_open")
    assert (count.low, count.value, count.high) == (6.0, 10.0, 14.0)
    assert count.n == 20


def test_a_voice_of_unsure_role_carries_its_codes_all_or_none() -> None:
    # One voice, a youth's with .6, thirty lines of p .54 = .6 · .9: none with .4, else Binomial(30, .9), which has its
    # 95.83 % quantile (.975 of the whole is .9583 of its .6) at 30. Line by line independent it would be 11 to 21.
    spoken = transcript(*(said(i, Y, i, i + 1, role_p=0.6) for i in range(30)))
    count = of(measure(spoken, codes_for(spoken.utterances, idea=0.54), duration_s=30), "count_idea")
    assert count.value == pytest.approx(16.2)
    assert (count.low, count.high) == (0.0, 30.0)
    # What both roles can carry does not hang on the role.
    both = of(measure(spoken, codes_for(spoken.utterances, everyday=0.5), duration_s=30), "count_everyday")
    assert (both.low, both.high) == (10.0, 20.0)  # Binomial(30, 1/2)


def test_unrecognised_speech_raises_the_upper_bound_of_a_count_only() -> None:
    spoken = transcript(*(said(i, F, i, i + 1) for i in range(20)), speech=heard(25, 20))
    count = of(measure(spoken, codes_for(spoken.utterances, open=0.5), duration_s=25), "count_open")
    assert (count.low, count.value, count.high) == (6.0, 10.0, 18.0)  # 14 / .8 = 17.5


def test_the_question_mix_is_a_share_of_summed_probabilities() -> None:
    # per utterance open .3 + press .1 against closed .6: share .4 / 1.0 = .4
    # Var a = 10 (.3 · .7 + .1 · .9) = 3, Var b = 10 (.6 · .4) = 2.4, a = 4, b = 6
    # sd = sqrt(36 · 3 + 16 · 2.4) / 100 = sqrt(146.4) / 100 = .121, half = 1.96 sd = .237
    spoken = transcript(*(said(i, F, i, i + 1) for i in range(10)))
    codes = codes_for(spoken.utterances, open=0.3, press=0.1, closed=0.6)
    share = of(measure(spoken, codes, duration_s=10), "purposeful_share")
    assert share.value == pytest.approx(0.4)
    assert share.low == pytest.approx(0.163, abs=5e-4)
    assert share.high == pytest.approx(0.637, abs=5e-4)


def test_without_codes_nothing_is_counted() -> None:
    measures = measure(transcript(said(1, F, 0, 1)), (), duration_s=1)
    assert of(measures, "count_open").reason == "Codes were not looked for."
    assert of(measures, "wait_time").reason == "Questions were not looked for."
    assert of(measures, "purposeful_share").reason == "Questions were not looked for."


# ---- the distributions themselves ----------------------------------------------------------------------------------


@given(st.floats(0, 1), st.lists(st.floats(0, 1), max_size=5), st.lists(st.floats(0, 1), max_size=4))
def test_count_interval_against_every_outcome_enumerated(condition: float, ps: list[float], free: list[float]) -> None:
    mass = np.zeros(len(ps) + len(free) + 1)
    for outcome in product((0, 1), repeat=len(mass)):
        so, here, others = outcome[0], outcome[1 : 1 + len(ps)], outcome[1 + len(ps) :]
        chance = condition if so else 1 - condition
        chance *= math.prod((p if o else 1 - p) if so else 1 - o for p, o in zip(ps, here, strict=True))
        chance *= math.prod(p if o else 1 - p for p, o in zip(free, others, strict=True))
        mass[sum(here) + sum(others)] += chance
    low, high = count_interval(
        [Together(condition=condition, p=np.array(ps)), Together(condition=1.0, p=np.array(free))]
    )
    assert mass[: int(low)].sum() <= 0.025 + 1e-9
    assert mass[int(high) + 1 :].sum() <= 0.025 + 1e-9
    assert mass[int(low) : int(high) + 1].sum() >= 0.95 - 1e-9


@given(st.lists(st.tuples(st.floats(0.1, 30), st.floats(0, 1)), min_size=1, max_size=6))
def test_share_distribution_against_every_outcome_enumerated(parts: list[tuple[float, float]]) -> None:
    found = share_distribution([Part(weight=w, p=p) for w, p in parts], somebody_leads=False)
    total = sum(w for w, _ in parts)
    mean = sum(w * p for w, p in parts) / total
    grid = np.linspace(0, 1, len(found.mass))
    assert found.mass.sum() == pytest.approx(1.0)
    assert float(found.mass @ grid) == pytest.approx(mean, abs=2e-3)  # grid steps of 5e-4, one rounding a part


def test_share_distribution_needs_something_to_share() -> None:
    with pytest.raises(ValueError, match="no weight"):
        share_distribution([Part(weight=0.0, p=0.5)], somebody_leads=True)


def test_median_interval_is_the_binomial_one() -> None:
    # n = 10: P(B <= 1) = 11/1024, so the 2nd to the 9th value hold 1 − 22/1024 = 97.9 %; the 3rd to 8th only 89.1 %
    assert median_interval([float(v) for v in range(1, 11)]) == (2.0, 9.0)
    # n = 5: even the extremes hold only 1 − 2/32 = 93.75 %
    assert median_interval([1.0, 2.0, 3.0, 4.0, 5.0]) == (None, None)
    assert median_interval([6.0, 5.0, 4.0, 3.0, 2.0, 1.0]) == (1.0, 6.0)  # 1 − 2/64 = 96.9 %
    assert median_interval([float(v) for v in range(5000)])[0] is not None  # 2 ** 5000 fits no float

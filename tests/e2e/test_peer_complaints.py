"""What users of other tools complain of, as far as it bears on the desk, and the test here that holds each off.

The complaints were read in the public threads of annotation and transcription tools and numbered; other tests name the
same numbers. Where no test can hold one off, the line says why.
"""

import re

import pytest

from tests.conftest import ROOT

DESK = "tests/e2e/test_desk.py"
EDITING = "tests/e2e/test_desk_editing.py"
GOING = "tests/e2e/test_desk_going.py"
LONG = "tests/e2e/test_desk_long.py"
REVIEW = "tests/e2e/test_review.py"
CORRECTIONS = "tests/e2e/test_corrections.py"
REVIEWS_API = "tests/api/reviews/test_reviews.py"
PLAYBACK = "tests/api/playback/test_playback.py"
MEDIA = "tests/inference/media/test_bad_input.py"
UTTERANCES = "tests/inference/test_utterances.py"
TRANSCRIBE = "tests/inference/test_transcribe.py"
FINDINGS = "tests/api/findings/test_findings.py"
WHOLE_VOICE = "test_pressed_twice_the_turn_is_as_it_was_and_shift_means_the_whole_voice"
WORDS = "web/src/review/transcript/words.test.ts"

# number, complaint, file, test
HELD: tuple[tuple[int, str, str, str], ...] = (
    (1, "the whole video is fetched to draw a waveform", LONG, "test_reading_searching_and_seeking"),
    (2, "jump between segments", GOING, "test_the_reel_jumps_to_what_was_suggested_and_ends_with_the_windows"),
    (2, "nudge edges by key", EDITING, "test_ends_are_moved_by_keys_and_playback_stays"),
    (2, "start and end at the playhead", EDITING, "test_ends_are_set_where_playback_stands"),
    (3, "no choice of speed", GOING, "test_the_clock_says_what_each_way_takes"),
    (4, "text and sound apart", REVIEW, "test_words_light_up_as_they_are_spoken"),
    (5, "delay grows with each seek", REVIEW, "test_a_click_on_a_word_goes_to_it"),
    (6, "adjusting an end rewinds", EDITING, "test_ends_are_moved_by_keys_and_playback_stays"),
    (6, "the same by mouse", EDITING, "test_ends_are_dragged_on_the_map_and_in_the_text"),
    (7, "from a segment to its paragraph and back", GOING, "test_from_a_moment_to_its_words_and_back"),
    (8, "playback stops to fetch", PLAYBACK, "test_ranges"),
    (11, "no seeking without ranges", PLAYBACK, "test_a_range_past_the_end_is_refused"),
    (11, "a range of an older version", PLAYBACK, "test_a_range_of_another_version_is_not_mixed_in"),
    (12, "upside-down or sound without picture", MEDIA, "test_a_phone_held_upright_is_upright_in_the_proxy"),
    (13, "a long file crashes the tab", LONG, "test_a_whole_review_by_keyboard_alone"),
    (14, "text pulled away while reading", REVIEW, "test_following_lets_go_only_when_the_reader_scrolls_away"),
    (15, "nobody finds how to seek", GOING, "test_from_a_moment_to_its_words_and_back"),
    (23, "words with digits off", TRANSCRIBE, "test_times_stay_in_order_with_digits"),
    (24, "a short yes given to another", UTTERANCES, "test_a_short_yes_stays_with_the_one_who_said_it"),
    (24, "a wrong voice cannot be mended", CORRECTIONS, "test_one_key_corrects_a_turn_and_z_takes_it_back"),
    (27, "walking unsure words costs a listen", WORDS, "unsure neighbours are one passage"),
    (28, "text and sound apart after edits", CORRECTIONS, "test_words_are_corrected_where_they_stand"),
    (29, "speakers renamed one by one", CORRECTIONS, WHOLE_VOICE),
    (30, "text invented in silence", TRANSCRIBE, "test_text_outside_the_voice_is_dropped"),
    (30, "a suggestion on such text", "tests/inference/test_moments.py", "test_unsure_words_carry_no_evidence"),
    (31, "accepting is fiddly", EDITING, "test_a_no_needs_no_reason_and_takes_one_in_a_tap"),
    (32, "suggestions cannot be hidden", REVIEW, "test_look_fors_can_be_set_aside"),
    (32, "nor kept back", DESK, "test_blind_then_reveal_shows_suggestions_only_after_the_scores"),
    (33, "accept all: refused on purpose", EDITING, "test_yes_and_no_cost_the_same_and_nothing_accepts_all"),
    (35, "what the machine said looks decided", EDITING, "test_heard_is_told_apart_from_decided"),
    (36, "suggested items count as done", EDITING, "test_heard_is_told_apart_from_decided"),
    (36, "nor do they hand a review in", REVIEWS_API, "test_an_incomplete_review_says_what_is_missing"),
    (37, "predictions are overwritten", FINDINGS, "test_a_new_run_adds_a_version_and_leaves_the_old_evidence"),
    (38, "edits are lost or invisible", DESK, "test_a_lost_connection_loses_nothing"),
    (38, "or overwritten", DESK, "test_two_windows_are_told_of_each_other"),
)  # fmt: skip

WITHOUT_A_TEST: dict[int, str] = {
    9: "Speed is the browser's own; what a frame costs while playing is measured by training/benchmarks/desk.py.",
    10: "Pictures are decoded by the browser alone; there is no decoder of ours that could leave half of one.",
    25: "How well voices are told apart over an hour is measured (training/benchmarks/speech.py), not held by a test.",
    26: "No weights in the default path ask for an account; tests/inference/test_weights.py holds their source.",
    34: "No filter by probability: it would put the surest first and hide the rest. The map shows it as height.",
}


@pytest.fixture(scope="module")
def service() -> None:
    """Nothing here needs a service."""


@pytest.mark.parametrize(("number", "complaint", "path", "name"), HELD, ids=[f"{one[0]}-{one[1]}" for one in HELD])
def test_the_test_that_holds_it_off_is_there(number: int, complaint: str, path: str, name: str) -> None:
    source = (ROOT / path).read_text()
    wanted = rf'test\("{name}"' if path.endswith(".ts") else rf"def {name}\("
    assert re.search(wanted, source), f"{number}, {complaint}: {path} has no {name}"


def test_every_complaint_about_playing_transcripts_and_suggestions_is_answered() -> None:
    """1 to 15 are of players, 23 to 30 of transcripts, 31 to 38 of suggestions; uploads have tests of their own."""
    answered = {number for number, *_ in HELD} | set(WITHOUT_A_TEST)
    assert answered == {*range(1, 16), *range(23, 39)}

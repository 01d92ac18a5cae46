"""Each rule removes what it is for and nothing else."""

from inference.wording import inside_voice, orderly, whole_words, without_loops
from model.transcript import Word


def words(*texts: str, start: float = 0.0, each: float = 0.5) -> tuple[Word, ...]:
    """Words of `each` seconds one after the other."""
    return tuple(
        Word(text=text, start=start + i * each, end=start + (i + 1) * each, p=0.9) for i, text in enumerate(texts)
    )


def texts(found: tuple[Word, ...]) -> list[str]:
    return [word.text for word in found]


def test_pieces_without_a_leading_space_belong_to_the_word_before() -> None:
    joined = whole_words(words(" A", " well", "-known", " child", "'s", " idea"), language="en")
    assert texts(joined) == ["A", "well-known", "child's", "idea"]
    assert (joined[1].start, joined[1].end) == (0.5, 1.5)


def test_a_language_without_spaces_keeps_its_pieces() -> None:
    assert texts(whole_words(words("橋", "は"), language="ja")) == ["橋", "は"]


def test_a_loop_is_cut_to_two() -> None:
    looped = words("Thank", "you", *["so", "much"] * 9, "bye")
    assert texts(without_loops(looped)) == ["Thank", "you", "so", "much", "so", "much", "bye"]


def test_what_children_repeat_stays() -> None:
    said = words("No", "no", "no", "the", "other", "one")
    assert without_loops(said) == said


def test_words_where_no_voice_is_are_left_out() -> None:
    heard = inside_voice(words("hello", "there", "phantom"), [(0.0, 1.0)])  # "phantom" begins at 1.0, slack is 0.3
    assert texts(heard) == ["hello", "there", "phantom"]
    heard = inside_voice(words("hello", start=0.0) + words("phantom", start=5.0), [(0.0, 1.0)])
    assert texts(heard) == ["hello"]


def test_a_word_stretched_over_a_pause_is_trimmed_to_the_voice() -> None:
    stretched = (Word(text="then", start=1.0, end=6.0, p=0.9),)
    # Of the word's five seconds the voice at 0-1.2 holds 0.2, the voice at 5.5-7 holds 0.5.
    (word,) = inside_voice(stretched, [(0.0, 1.2), (5.5, 7.0)])
    assert (word.start, word.end) == (5.5, 6.0)


def test_a_word_beside_the_voice_keeps_its_times() -> None:
    beside = (Word(text="so", start=1.1, end=1.25, p=0.9),)
    assert inside_voice(beside, [(0.0, 1.0)]) == beside


def test_times_are_put_in_order_inside_the_recording() -> None:
    given = (
        Word(text="a", start=-0.2, end=0.3, p=1.0),
        Word(text="b", start=0.2, end=9.0, p=1.0),  # nine seconds of one word
        Word(text="c", start=4.0, end=4.0, p=1.0),  # starts before b, which was moved to 7.0
        Word(text="d", start=99.0, end=100.0, p=1.0),
    )
    found = orderly(given, duration=10.0)
    starts = [word.start for word in found]
    assert starts == sorted(starts)
    assert starts[:2] == [0.0, 7.0]  # b keeps its last two seconds
    assert all(0 <= word.start < word.end <= 10.0 for word in found)

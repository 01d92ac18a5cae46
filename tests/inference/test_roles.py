"""Who leads, from words; never from who talks most."""

from collections import Counter

import pytest

from inference.role_model import Said
from inference.roles import name_roles, pitch_odds
from model.transcript import Role

LEADS = (
    "What do you notice about the way the water moves?",
    "Tell me more about that.",
    "How could you test your idea before you build it?",
    "Okay everybody, you have five minutes to draw a plan.",
    "Why do you think that happened?",
)
FOLLOWS = (
    "I think it goes faster because mine is lighter.",
    "We tried it and it fell over.",
    "Maybe put the tape on the other side.",
    "No, that's too short.",
    "It broke again.",
    "I don't know.",
    "Can I have the scissors?",
    "Ours is way bigger than yours.",
)


def roles(said: list[Said], **given: object) -> dict[str | None, Role]:
    named = name_roles(said, **given)  # type: ignore[arg-type]
    found: dict[str | None, Counter[Role]] = {}
    for one, (role, _) in zip(said, named, strict=True):
        found.setdefault(one.speaker, Counter())[role] += 1
    return {speaker: count.most_common(1)[0][0] for speaker, count in found.items()}


def scene(*lines: tuple[str, str]) -> list[Said]:
    return [Said(speaker=speaker, text=text) for speaker, text in lines]


def youth_led() -> list[Said]:
    """Two youths speak 16 of 19 utterances; the facilitator asks three questions."""
    lines: list[tuple[str, str]] = []
    for i, text in enumerate(FOLLOWS * 2):
        if i in (0, 6, 11):
            lines.append(("quiet adult", LEADS[i % 5]))
        lines.append(("first child" if i % 3 else "second child", text))
    return scene(*lines)


def test_the_one_who_talks_least_can_lead() -> None:
    assert roles(youth_led()) == {
        "quiet adult": Role.FACILITATOR,
        "first child": Role.YOUTH,
        "second child": Role.YOUTH,
    }


def test_two_can_lead() -> None:
    lines = [(("one", "two")[i % 2], text) for i, text in enumerate(LEADS)]
    said = scene(*(pair for i, line in enumerate(lines) for pair in (line, ("child", FOLLOWS[i]))))
    assert roles(said) == {"one": Role.FACILITATOR, "two": Role.FACILITATOR, "child": Role.YOUTH}


@pytest.mark.parametrize(("texts", "role"), [(LEADS, Role.FACILITATOR), (FOLLOWS, Role.YOUTH)])
def test_one_speaker_alone_is_named_by_the_words(texts: tuple[str, ...], role: Role) -> None:
    assert roles([Said(speaker="s1", text=text) for text in texts]) == {"s1": role}


def test_voices_that_were_all_taken_for_one_still_differ() -> None:
    """Nobody was told apart: without this a whole session would be called the facilitator's."""
    lines = [text for pair in zip(LEADS, FOLLOWS[:5], strict=True) for text in pair] * 2
    named = name_roles([Said(speaker="s1", text=text) for text in lines])
    led = [role is Role.FACILITATOR for role, _ in named]
    assert sum(led[0::2]) >= 8  # of ten
    assert sum(led[1::2]) <= 2


def test_without_speakers_each_sentence_speaks_for_itself() -> None:
    named = name_roles([Said(speaker=None, text=LEADS[0]), Said(speaker=None, text=FOLLOWS[0])])
    assert [role for role, _ in named] == [Role.FACILITATOR, Role.YOUTH]
    sure = name_roles([Said(speaker="s1", text=text) for text in LEADS])
    assert named[0][1] < sure[0][1], "one sentence must leave more doubt than five"


def test_punctuation_and_case_change_nothing() -> None:
    bare = [Said(speaker=one.speaker, text=one.text.lower().rstrip(".?")) for one in youth_led()]
    assert name_roles(bare) == name_roles(youth_led())


def test_more_words_leave_less_doubt() -> None:
    p = [name_roles([Said(speaker="s1", text=text) for text in LEADS[:count]])[0][1] for count in (1, 3, 5)]
    assert p == sorted(p)


def test_one_odd_sentence_leaves_its_voice_only_on_strong_evidence() -> None:
    # A child's lines taken into the adult's voice: an undecided one stays, the tell-tale one may leave.
    adult = [Said(speaker="s1", text=text) for text in LEADS * 2]
    named = name_roles([*adult, Said(speaker="s1", text="Okay.")])
    assert named[-1][0] is Role.FACILITATOR


def test_another_language_is_not_guessed_from_english_words() -> None:
    said = [Said(speaker="s1", text="¿Qué creen que va a pasar?"), Said(speaker="s2", text="Se cae porque pesa.")]
    assert name_roles(said, language="es") == ((Role.UNKNOWN, 0.5), (Role.UNKNOWN, 0.5))
    named = name_roles(said, language="es", pitch={"s1": 115.0, "s2": 270.0})
    assert [role for role, _ in named] == [Role.FACILITATOR, Role.YOUTH]
    assert all(p <= 0.75 for _, p in named), "pitch alone may lean, not decide"


def test_pitch_leans_and_never_decides() -> None:
    assert pitch_odds(110.0) > 0.3
    assert pitch_odds(280.0) < -0.3
    assert all(abs(pitch_odds(hertz)) <= 1.0 for hertz in range(60, 460, 10))
    assert roles(youth_led(), pitch={"quiet adult": 285.0, "first child": 130.0, "second child": 130.0}) == {
        "quiet adult": Role.FACILITATOR,
        "first child": Role.YOUTH,
        "second child": Role.YOUTH,
    }


def test_nothing_said_names_nobody() -> None:
    assert name_roles([]) == ()

"""Rubrics: the shipped packs, the pass rules, the hashes, and errors that name the place."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest

from model.errors import RubricInvalid
from model.indicators import CODE_BY_ID
from model.rubric import (
    CANNOT_TELL,
    AllAtLeast,
    Criterion,
    Descriptor,
    EvidenceAsked,
    Level,
    MeanAtLeast,
    NumberAtLeast,
    Outcome,
    PassRule,
    Rubric,
)
from model.rubric_pack import load_rubric, parse_rubric, rubric_from_document, shipped_rubrics

SHIPPED = shipped_rubrics()


def rubric(rule: PassRule, *, required: str | None = None, values: tuple[float, ...] = (1, 2, 3, 4)) -> Rubric:
    """Three criteria a, b, c on levels "1" … "4"; `required` is asked of a."""
    levels = tuple(Level(id=str(i), label=f"Level {i}", value=v) for i, v in enumerate(values, 1))
    criteria = tuple(
        Criterion(
            id=name,
            label=name.upper(),
            prompt=f"How about {name}?",
            descriptors=tuple(Descriptor(level=level.id, text=f"{name} at {level.id}") for level in levels),
            observable_in=("transcript",),
            required=required if name == "a" else None,
        )
        for name in "abc"
    )
    return Rubric(
        id="test",
        version="1",
        title="Test",
        summary="For tests.",
        source_note="Ours.",
        illustrative=True,
        levels=levels,
        pass_rule=rule,
        allow_cannot_tell=True,
        evidence=EvidenceAsked(),
        criteria=criteria,
    )


ALL_3 = AllAtLeast(level="3")
TWO_AT_3 = NumberAtLeast(n=2, level="3")
MEAN_3 = MeanAtLeast(mean=3)


@pytest.mark.parametrize(
    ("rule", "a", "b", "c", "outcome"),
    [
        (ALL_3, "3", "4", "3", Outcome.PASS),
        (ALL_3, "3", "4", "2", Outcome.NOT_YET),
        (ALL_3, "3", "4", CANNOT_TELL, Outcome.CANNOT_TELL),
        (ALL_3, "3", "4", None, Outcome.CANNOT_TELL),
        (ALL_3, "2", None, CANNOT_TELL, Outcome.NOT_YET),  # a alone already fails it
        (TWO_AT_3, "3", "4", "1", Outcome.PASS),
        (TWO_AT_3, "3", "4", CANNOT_TELL, Outcome.PASS),  # two are enough, whatever c is
        (TWO_AT_3, "3", "1", CANNOT_TELL, Outcome.CANNOT_TELL),
        (TWO_AT_3, "1", "1", CANNOT_TELL, Outcome.NOT_YET),  # at best one of three
        (MEAN_3, "2", "3", "4", Outcome.PASS),  # (2 + 3 + 4) / 3 = 3
        (MEAN_3, "2", "3", "3", Outcome.NOT_YET),  # 8 / 3 = 2.67
        (MEAN_3, "2", "3", None, Outcome.CANNOT_TELL),  # from 6 / 3 = 2 to 9 / 3 = 3
        (MEAN_3, "4", "4", None, Outcome.PASS),  # (4 + 4 + 1) / 3 = 3 at worst
        (MEAN_3, "1", "3", None, Outcome.NOT_YET),  # (1 + 3 + 4) / 3 = 2.67 at best
    ],
)
def test_pass_rules(rule: PassRule, a: str | None, b: str | None, c: str | None, outcome: Outcome) -> None:
    scores = {name: level for name, level in zip("abc", (a, b, c), strict=True) if level is not None}
    verdict = rubric(rule).passes(scores)
    assert verdict.outcome is outcome
    assert verdict.reason.endswith(".")


def test_a_required_level_outranks_the_pass_rule() -> None:
    # (2 + 4 + 4) / 3 = 3.33, but a must be at 3
    verdict = rubric(MEAN_3, required="3").passes({"a": "2", "b": "4", "c": "4"})
    assert verdict.outcome is Outcome.NOT_YET
    assert "“A”" in verdict.reason
    assert rubric(MEAN_3, required="3").passes({"a": "3", "b": "4", "c": "2"}).outcome is Outcome.PASS


def test_the_reason_names_what_is_open() -> None:
    reason = rubric(ALL_3).passes({"a": "3", "b": CANNOT_TELL}).reason
    assert reason == "Could not be told from this video: “B”. No score yet: “C”. The outcome depends on it."


def test_a_mean_of_thirds_does_not_fail_by_the_last_bit() -> None:
    # values .1, .2, .3: their mean in floating point is 0.20000000000000004 or 0.19999999999999998
    uneven = rubric(MeanAtLeast(mean=0.2), values=(0.1, 0.2, 0.3, 0.4))
    assert uneven.passes({"a": "3", "b": "1", "c": "2"}).outcome is Outcome.PASS


def test_unknown_ids_are_not_guessed_at() -> None:
    with pytest.raises(KeyError):
        rubric(ALL_3).passes({"z": "3"})
    with pytest.raises(KeyError):
        rubric(ALL_3).passes({"a": "5"})


def test_content_hash_is_what_docs_say() -> None:
    shown = rubric(ALL_3)
    canonical = json.dumps(shown.to_document(), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert shown.content_hash == hashlib.sha256(canonical.encode("utf-8")).hexdigest()


def test_wording_changes_the_content_hash_and_not_the_structure_hash() -> None:
    before = rubric(ALL_3)
    reworded = replace(before, criteria=(replace(before.criteria[0], prompt="Otherwise?"), *before.criteria[1:]))
    assert reworded.content_hash != before.content_hash
    assert reworded.structure_hash == before.structure_hash


def test_the_pass_rule_and_the_levels_change_the_structure_hash() -> None:
    before = rubric(ALL_3)
    assert replace(before, pass_rule=AllAtLeast(level="2")).structure_hash != before.structure_hash
    assert rubric(ALL_3, values=(1, 2, 3, 5)).structure_hash != before.structure_hash


# ---- shipped packs ------------------------------------------------------------------------------------------------


def test_the_named_indicators_each_have_a_pack_and_one_has_three_levels() -> None:
    assert [r.id for r in SHIPPED] == [
        "purposeful-questions",
        "purposeful-questions-three",
        "stem-relevance",
        "youth-voice",
    ]
    assert [len(r.levels) for r in SHIPPED] == [4, 3, 4, 4]


@pytest.mark.parametrize("shipped", SHIPPED, ids=lambda r: r.id)
def test_a_shipped_pack_survives_its_own_document(shipped: Rubric) -> None:
    through_json = json.loads(json.dumps(shipped.to_document()))
    again = rubric_from_document(through_json, source="again")
    assert again == shipped
    assert again.content_hash == shipped.content_hash


@pytest.mark.parametrize("shipped", SHIPPED, ids=lambda r: r.id)
def test_a_shipped_pack_is_ready_for_reviewers(shipped: Rubric) -> None:
    assert shipped.illustrative
    assert shipped.allow_cannot_tell
    assert shipped.evidence == EvidenceAsked(video_min_s=1200, tolerance_s=60, unedited=True)
    texts = [d.text for c in shipped.criteria for d in c.descriptors]
    assert len(set(texts)) == len(texts)  # no level repeats another's words
    for criterion in shipped.criteria:
        assert criterion.prompt.endswith("?")
        # codes only where the words are there to be read
        assert not criterion.codes or {"transcript", "audio"} & set(criterion.observable_in)
        for code in criterion.codes:
            assert CODE_BY_ID[code].indicator is not None, f"{code} is only context"
    best = {c.id: shipped.levels[-1].id for c in shipped.criteria}
    worst = {c.id: shipped.levels[0].id for c in shipped.criteria}
    assert shipped.passes(best).outcome is Outcome.PASS
    assert shipped.passes(worst).outcome is Outcome.NOT_YET


# ---- errors -------------------------------------------------------------------------------------------------------

PACK = """
format = "lookfors.rubric/1"
id = "small"
version = "1"
title = "Small"
summary = "Two levels, one criterion."
source_note = "Ours."
illustrative = true
allow = ["cannot_tell"]
levels = [{id = "no", label = "No"}, {id = "yes", label = "Yes"}]
pass_rule = {type = "all_at_least", level = "yes"}
evidence = {video_min_s = 600, unedited = true}

[[criteria]]
id = "one"
label = "One"
prompt = "Is it?"
observable_in = ["transcript"]
levels = [{id = "no", text = "It is not."}, {id = "yes", text = "It is."}]
"""


def test_a_small_pack_is_read() -> None:
    small = parse_rubric(PACK, source="small.toml")
    assert [level.value for level in small.levels] == [1, 2]
    assert small.evidence == EvidenceAsked(video_min_s=600, tolerance_s=0, unedited=True)


@pytest.mark.parametrize(
    ("old", "new", "path", "told"),
    [
        ('id = "yes", text', 'id = "yess", text', "criteria[0].levels[1].id", "yes"),
        (', {id = "yes", text = "It is."}', "", "criteria[0].levels", "1 levels"),
        ('observable_in = ["transcript"]', 'observable_in = ["smell"]', "criteria[0].observable_in[0]", "transcript"),
        ('observable_in = ["transcript"]', "observable_in = []", "criteria[0].observable_in", "empty"),
        ('prompt = "Is it?"', 'promt = "Is it?"', "criteria[0].promt", "not known"),
        ('prompt = "Is it?"', 'prompt = ""', "criteria[0].prompt", "empty"),
        ('label = "One"', "", "criteria[0].label", "missing"),
        ('level = "yes"}', 'level = "maybe"}', "pass_rule.level", "no, yes"),
        ('"all_at_least", level', '"n_of", n = 2, level', "pass_rule.n", "there are 1"),
        ('type = "all_at_least"', 'type = "best"', "pass_rule.type", "mean_at_least"),
        ('id = "no", label', 'id = "yes", label', "levels[1].id", "twice"),
        ('id = "no", label', 'id = "cannot_tell", label', "levels[0].id", "allow"),
        ('id = "no", label = "No"', 'id = "no", label = "No", value = 2', "levels[1].id", "low to high"),
        ("video_min_s = 600", 'video_min_s = "10 min"', "evidence.video_min_s", "number"),
        ("video_min_s = 600", "video_min_s = nan", "evidence.video_min_s", "finite"),
        ("video_min_s = 600", "tolerance_s = 10", "evidence.tolerance_s", "video_min_s"),
        ('id = "small"', 'id = "Small One"', "id", "small letters"),
        ("rubric/1", "rubric/9", "format", "lookfors.rubric/1"),
        ("illustrative = true", 'illustrative = "yes"', "illustrative", "true or false"),
        ('title = "Small"', 'title = "Small', "line 5, column 15", "TOML"),
    ],
)
def test_an_error_names_file_and_place_and_remedy(old: str, new: str, path: str, told: str) -> None:
    assert old in PACK
    with pytest.raises(RubricInvalid) as refused:
        parse_rubric(PACK.replace(old, new, 1), source="small.toml")
    assert refused.value.path == path
    assert str(refused.value).startswith(f"small.toml: {path}: ")
    assert told in str(refused.value)
    assert refused.value.remedy
    assert refused.value.code == "rubric.invalid"


def test_measures_and_codes_must_exist() -> None:
    for field in ("measures", "codes", "indicators"):
        broken = PACK.replace('prompt = "Is it?"', f'prompt = "Is it?"\n{field} = ["sparkle"]')
        with pytest.raises(RubricInvalid) as refused:
            parse_rubric(broken, source="small.toml")
        assert refused.value.path == f"criteria[0].{field}[0]"


def test_a_pack_is_loaded_from_a_file_with_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "small.toml"
    path.write_bytes(b"\xef\xbb\xbf" + PACK.encode())
    assert load_rubric(path).id == "small"


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "small.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(RubricInvalid, match="UTF-8"):
        load_rubric(path)

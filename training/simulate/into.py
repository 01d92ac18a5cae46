"""Fills a running installation with a simulated program through its public API.

Everything is found by name (people and recordings are called “Simulated …”, acts have ids made from the seed), so a
run that was broken off goes on where it stopped, and one more run adds nothing.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from model.errors import InputRefused
from training.simulate.clips import Clip, Scene, make_clip
from training.simulate.installation import Installation
from training.simulate.reviewing import Conduct, Reviewer
from training.simulate.scenario import Arms, Scenario
from training.simulate.scores import Simulation, simulate

Tell = Callable[[str, int, int], None]
"""What is being done, how many of how many are done."""
_POLL_S = 1.0
_UNDONE = frozenset({"received", "processing"})
_SETTLED_SHARE = 0.6  # of submissions with differences, so that both kinds can be seen
_ARMS = ("unassisted", "blind_then_reveal", "assisted")


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """What is in the installation now, and how long the parts took in this run."""

    submissions: int
    failed: tuple[str, ...]  # titles of recordings the service could not prepare
    reviews: int
    settlements: int
    uploading_s: float
    preparing_s: float
    reviewing_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """protocol: for assignments from now on; None leaves the program as it is. words_only: transcripts, no sound."""

    rubric: str = "purposeful-questions"
    protocol: str | None = None
    words_only: bool = False
    patience_s: float = 6 * 3600.0  # for all recordings to be prepared


def fill_installation(
    url: str, link: str, scenario: Scenario, scene: Scene, *, wish: Wish, seed: int, tell: Tell
) -> Filled:
    """Raises InputRefused, saying what is wrong: no such address, no right, a rubric that is not there."""
    admin = Installation(url)
    me = admin.sign_in(link)
    if "admin" not in me["roles"]:
        raise InputRefused(
            "into.rights",
            f"{me['name']} is {', '.join(me['roles'])}; adding people needs an administrator.",
            "Make a link for one: lookfors people link NAME.",
        )
    rubric = admin.get(f"/api/rubrics/{wish.rubric}")
    if wish.protocol is not None:
        admin.patch("/api/program", {"protocol": wish.protocol})
    simulations = simulate_arms(_for_rubric(scenario, rubric), seed)
    clips = _clips(simulations["unassisted"], scene, wish, seed)
    began = time.monotonic()
    ids = _upload_all(admin, clips, seed, tell)
    uploaded = time.monotonic()
    ready, failed = _wait(admin, ids, wish, tell)
    prepared = time.monotonic()
    reviews = _review_all(admin, simulations, clips, ready, rubric, seed, tell)
    settled = _settle_all(admin, ready, rubric, seed, tell)
    return Filled(
        submissions=len(ready),
        failed=tuple(failed),
        reviews=reviews,
        settlements=settled,
        uploading_s=uploaded - began,
        preparing_s=prepared - uploaded,
        reviewing_s=time.monotonic() - prepared,
    )


def _for_rubric(scenario: Scenario, rubric: dict[str, Any]) -> Scenario:
    """The rubric's own criteria and levels; shares as given where they fit, else equal ones."""
    levels = tuple(float(level["value"]) for level in rubric["levels"])
    shares = scenario.level_shares if len(scenario.level_shares) == len(levels) else (1 / len(levels),) * len(levels)
    criteria = tuple(criterion["id"] for criterion in rubric["criteria"])
    return replace(scenario, criteria=criteria, levels=levels, level_shares=shares)


def simulate_arms(scenario: Scenario, seed: int) -> dict[str, Simulation]:
    """The same people and recordings under each protocol.

    Which protocol a review is under is the installation's draw; the simulation says what the same rater, with the same
    noise, would have done under any of them.
    """
    found = {}
    for arm in _ARMS:
        arms = Arms(
            unassisted=float(arm == "unassisted"),
            blind_then_reveal=float(arm == "blind_then_reveal"),
            assisted=float(arm == "assisted"),
            pull=scenario.arms.pull,
            asymmetry=scenario.arms.asymmetry,
            rerating_sd=scenario.arms.rerating_sd,
        )
        found[arm] = simulate(replace(scenario, arms=arms), seed=seed)
    return found


def title_of(place: int, seed: int) -> str:
    return f"Simulated session {place + 1:03d} (seed {seed})"


def rater_title(rater: int) -> str:
    return f"Simulated rater {rater + 1:02d}"


def _clips(simulation: Simulation, scene: Scene, wish: Wish, seed: int) -> list[Clip]:
    quality = simulation.truth.latent.mean(axis=1)
    return [
        make_clip(
            scene,
            quality=float(q),
            name=f"simulated-{place + 1:03d}",
            seed=seed * 100_003 + place,
            words_only=wish.words_only,
        )
        for place, q in enumerate(quality)
    ]


def _found(admin: Installation, seed: int) -> dict[str, dict[str, Any]]:
    """Recordings of this seed that are there already, by title."""
    found: dict[str, dict[str, Any]] = {}
    page = 1
    while True:
        answer = admin.get("/api/submissions", q=f"(seed {seed})", page=page, page_size=200)
        found |= {item["title"]: item for item in answer["items"]}
        if page * 200 >= answer["total"]:
            return found
        page += 1


def _upload_all(admin: Installation, clips: Sequence[Clip], seed: int, tell: Tell) -> list[str]:
    there = _found(admin, seed)
    ids = []
    for place, clip in enumerate(clips):
        title = title_of(place, seed)
        if title not in there:
            upload = admin.upload(clip.content, clip.filename)
            there[title] = admin.post("/api/submissions", {"upload_id": upload, "title": title})
        ids.append(str(there[title]["id"]))
        tell("Uploading", place + 1, len(clips))
    return ids


def _wait(admin: Installation, ids: Sequence[str], wish: Wish, tell: Tell) -> tuple[dict[int, str], list[str]]:
    """Recordings by place once prepared, and the titles of those that could not be."""
    end = time.monotonic() + wish.patience_s
    states: dict[str, dict[str, Any]] = {}
    while True:
        for id_ in ids:
            if states.get(id_, {}).get("state", "received") in _UNDONE:
                states[id_] = admin.get(f"/api/submissions/{id_}")
        undone = sum(one["state"] in _UNDONE for one in states.values())
        tell("Being prepared by the service", len(ids) - undone, len(ids))
        if undone == 0:
            break
        if time.monotonic() > end:
            raise InputRefused(
                "into.slow",
                f"{undone} of {len(ids)} recordings are not prepared yet.",
                "Run it again later; it goes on.",
            )
        time.sleep(_POLL_S)
    ready = {place: id_ for place, id_ in enumerate(ids) if states[id_]["state"] == "ready"}
    return ready, [one["title"] for one in states.values() if one["state"] != "ready"]


def _reviewers(admin: Installation, n: int) -> list[Reviewer]:
    """Signed in, one by one, with links the administrator makes."""
    known = {one["name"]: one["id"] for one in admin.get("/api/people")["items"]}
    found = []
    for rater in range(n):
        name = rater_title(rater)
        if name in known:
            made = admin.post(f"/api/people/{known[name]}/link")
        else:
            made = admin.post("/api/people", {"name": name, "roles": ["reviewer"]})
        desk = Installation(admin.url)
        desk.sign_in(made["link"])
        found.append(Reviewer(id=made["person_id"], desk=desk))
    return found


def _review_all(
    admin: Installation,
    simulations: dict[str, Simulation],
    clips: Sequence[Clip],
    ready: dict[int, str],
    rubric: dict[str, Any],
    seed: int,
    tell: Tell,
) -> int:
    """Every read of the simulation, in the order of its days."""
    scores = simulations["unassisted"].scores
    scenario = simulations["unassisted"].scenario
    reviewers = _reviewers(admin, scenario.people.raters)
    reads = sorted({(int(s), int(r)) for s, r in zip(scores.submission, scores.rater, strict=True) if int(s) in ready})
    days = {(s, r): float(scores.day[(scores.submission == s) & (scores.rater == r)].min()) for s, r in reads}
    begin = datetime.now(UTC) - timedelta(days=max(days.values(), default=0.0) + 1.0)
    for done, (submission, rater) in enumerate(sorted(reads, key=lambda read: days[read]), start=1):
        answer = admin.post(
            "/api/assignments",
            {
                "submission_ids": [ready[submission]],
                "reviewer_ids": [reviewers[rater].id],
                "rubric_id": rubric["id"],
            },
        )
        conduct = Conduct(
            simulations=simulations,
            clip=clips[submission],
            submission=submission,
            rater=rater,
            at=begin + timedelta(days=days[submission, rater]),
            seed=seed,
        )
        reviewers[rater].review(str(answer["items"][0]["assignment_id"]), rubric, conduct)
        tell("Reviewing", done, len(reads))
    return len(reads)


def _settle_all(admin: Installation, ready: dict[int, str], rubric: dict[str, Any], seed: int, tell: Tell) -> int:
    """Some of the differences, at the higher of the levels: a settlement is never a mean."""
    settled = 0
    for done, (place, submission) in enumerate(ready.items(), start=1):
        if np.random.default_rng([seed, place]).random() < _SETTLED_SHARE:
            settled += sum(_settle(admin, submission, rubric))
        tell("Settling", done, len(ready))
    return settled


def _settle(admin: Installation, submission: str, rubric: dict[str, Any]) -> Iterable[bool]:
    order = [level["id"] for level in rubric["levels"]]
    for part in admin.get(f"/api/submissions/{submission}/comparison")["rubrics"]:
        if part["rubric"]["id"] != rubric["id"]:
            continue
        there = {one["criterion"] for one in part["settlements"]}
        for criterion in part["differs"]:
            if criterion in there:
                continue
            given = [s["level"] for review in part["reviews"] for s in review["scores"] if s["criterion"] == criterion]
            level = max((one for one in given if one in order), key=order.index, default="cannot_tell")
            admin.post(
                f"/api/submissions/{submission}/adjudications",
                {"rubric_id": rubric["id"], "criterion": criterion, "level": level, "reason": "Simulated settlement."},
            )
            yield True

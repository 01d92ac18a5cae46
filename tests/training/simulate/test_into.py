"""`lookfors simulate --into`: a real service with a real worker is filled over HTTP; only the stages are quick ones."""

import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from api.cli import people
from api.settings import Limits, Settings, Worker
from api.storage.session import Database
from api.storage.tables import PersonRow, SubmissionRow
from model.errors import InputRefused
from tests.api.conftest import fake_stage
from tests.api.running import Program, environment, eventually
from tests.conftest import ROOT
from training.simulate.clips import make_clip, read_scene
from training.simulate.installation import Installation, RequestRefused
from training.simulate_cli import simulate


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Settings, Program]]:
    folder = tmp_path_factory.mktemp("into")
    settings = Settings(
        data=folder,
        database_url=f"sqlite:///{folder / 'lookfors.db'}",
        sample=folder / "none",
        limits=Limits(disk_reserve_bytes=0),
        worker=Worker(stage_command=fake_stage(folder / "plan.json"), stage_options={}, backoff_s=0.05),
    )
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    program = Program(settings, "serve", "--port", str(port), "--link")
    eventually(lambda: "sign-in?token=" in program.said, "the service")
    yield f"http://127.0.0.1:{port}", settings, program
    program.stop()


def fresh_link(settings: Settings) -> str:
    done = CliRunner(env=environment(settings)).invoke(people, ["link", "Admin"])
    found = re.search(r"/sign-in\?token=\S+", done.output)
    assert found, done.output
    return found[0]


def filled(url: str, link: str, *more: str) -> Result:
    arguments = ["--into", url, "--link", link, "--submissions", "3", "--raters", "2", "--double", "1", "--words-only"]
    return CliRunner().invoke(simulate, [*arguments, *more])


def counts(settings: Settings) -> tuple[int, int]:
    database = Database(settings.database, process="command")
    with database.read() as session:
        found = session.query(SubmissionRow).count(), session.query(PersonRow).count()
    database.close()
    return found


def test_it_fills_once_says_what_is_simulated_and_goes_on(service: tuple[str, Settings, Program]) -> None:
    url, settings, program = service
    link = re.search(r"/sign-in\?token=\S+", program.said)
    assert link
    first = filled(url, link[0], "--protocol", "assisted")
    assert first.exit_code == 0, first.output + str(first.exception)
    assert "3 simulated submissions, 6 reviews handed in" in first.output
    before = counts(settings)
    assert before == (3, 3)  # the administrator and two raters
    again = filled(url, fresh_link(settings))
    assert again.exit_code == 0, again.output + str(again.exception)
    assert counts(settings) == before
    admin = Installation(url)
    admin.sign_in(fresh_link(settings))
    titles = [item["title"] for item in admin.get("/api/submissions")["items"]]
    assert all(title.startswith("Simulated session") for title in titles)

    def ready() -> dict[str, object] | None:
        answer = admin.get("/api/agreement", arm="final")
        return None if answer["computing"] else answer["figures"]

    figures = eventually(ready, "the figures", patience_s=300)
    assert (figures["n_submissions"], figures["n_double"], figures["n_raters"]) == (3, 3, 2)


def test_what_is_wrong_is_said(service: tuple[str, Settings, Program]) -> None:
    url, settings, _ = service
    spent = filled(url, "no-such-secret")
    assert isinstance(spent.exception, RequestRefused)
    assert "not known here" in str(spent.exception)
    nobody = filled("http://127.0.0.1:9", "x")
    assert "Nothing answers at" in str(nobody.exception)
    assert "needs an administrator's sign-in link" in CliRunner().invoke(simulate, ["--into", url]).output
    admin = Installation(url)
    admin.sign_in(fresh_link(settings))
    educator = admin.post("/api/people", {"name": "Eda", "roles": ["educator"]})
    assert "adding people needs an administrator" in str(filled(url, educator["link"]).exception)


def test_better_sessions_get_more_of_the_lines_one_would_point_to(tmp_path: Path) -> None:
    scene = read_scene(ROOT / "sample")
    poor, good = (
        sum(len(make_clip(scene, quality=q, name="c", seed=seed).moments) for seed in range(5)) for q in (-2.0, 2.0)
    )
    assert poor < good
    clip = make_clip(scene, quality=0.0, name="c", seed=1)
    assert clip.content[:4] == b"RIFF"
    # 44 bytes of header, then two bytes a sample at 16 kHz.
    assert len(clip.content) == pytest.approx(44 + 2 * 16_000 * clip.duration_s, abs=64)
    with pytest.raises(InputRefused, match="no sample scene"):
        read_scene(tmp_path)

"""The verb that lists runs: what stands in the home, in words, in JSON and as a table."""

from __future__ import annotations

import csv
import io
import json
import math
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from deeprnn.cli import main
from deeprnn.runs.database import Database
from deeprnn.runs.opening import FILE
from deeprnn.runs.rows import RunRow
from deeprnn.runs.store import run_folder
from deeprnn.runs.view import Sample
from deeprnn.training.event import Event
from deeprnn.training.presets import PRESETS
from deeprnn.training.record import TrainRecord, perplexity

BALANCED = PRESETS["balanced"]
STEPS = 2500  # more than are read at a time


def record(step: int) -> TrainRecord:
    validation = 4 + 100 / step if step % 100 == 0 else None
    loss = math.log(3.5 + 1 / step)
    return TrainRecord(step, step / 70, 64 * step, loss, perplexity(loss), 1.8, validation, 0.008, 0.4, 1e4, step / 10)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a home with a run that ended and a child of it that waits."""
    database = Database(tmp_path / FILE)
    first = RunRow(
        BALANCED.replace(dropout=0.2), name="Book · dropout 0.4 → 0.2", notes="=1+1", state="done", corpus_name="Book",
        step=STEPS, total_steps=STEPS, best_step=2400, best_perplexity=4.0417, bits_per_character=2.015, seconds=3725.0,
        tokens_per_second=1e4,
    )  # fmt: skip
    number = database.add_run(first)
    database.append_records(number, [record(step) for step in range(1, STEPS + 1)])
    database.add_event(number, Event(1200, "changed", {"changes": "dropout 0.2"}))
    database.add_sample(number, Sample("the ", "bell rang", 2400))
    database.add_run(RunRow(BALANCED, name="Book · balanced", corpus_name="Book", parent=number, parent_step=2400))
    database.close()
    return tmp_path


def said(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    assert main(["runs", *map(str, arguments)]) == 0
    return capsys.readouterr().out


def test_all_runs_stand_in_a_table_the_newest_first(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    head, second, first = said(capsys, "--home", home).splitlines()
    assert head.split() == ["run", "state", "step", "validation", "bits", "time", "tokens/s", "name"]
    assert second.split(maxsplit=7) == ["2", "waiting", "0/0", "-", "-", "0:00", "0", "Book · balanced"]
    assert first.split(maxsplit=7) == [
        "1", "done", "2500/2500", "4.042", "2.015", "1:02:05", "10000", "Book · dropout 0.4 → 0.2"
    ]  # fmt: skip


def test_one_run_shows_its_curve_events_and_last_sample(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = said(capsys, 1, "--home", home)
    assert "text Book; preset balanced with dropout=0.2" in text
    assert "\nStep 1200: changed dropout 0.2.\n" in text
    assert "step 2400 writes:\nthe bell rang" in text
    training = [line.split() for line in text.splitlines() if line.strip().startswith(("1 ", "2500 "))]
    assert ["1", "4.5"] in training
    assert ["2500", "3.5"] in training
    assert "went on from run 1, step 2400" in said(capsys, 2, "--home", home)


def test_json_has_every_record_of_the_runs_that_are_named(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    both = json.loads(said(capsys, "--json", "--home", home))
    assert [(run["number"], run["records"]) for run in both["runs"]] == [(2, []), (1, [])]
    one = json.loads(said(capsys, 1, "--json", "--home", home))
    records = [TrainRecord(**dict(zip(one["columns"], row, strict=True))) for row in one["runs"][0]["records"]]
    assert records == [record(step) for step in range(1, STEPS + 1)]


def test_tables_go_to_a_file_or_to_standard_output(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = home / "runs.csv"
    assert said(capsys, "--csv", place, "--home", home) == ""
    rows = list(csv.DictReader(io.StringIO(place.read_bytes().decode("utf-8"), newline="")))
    assert [row["name"] for row in rows] == ["Book · balanced", "Book · dropout 0.4 → 0.2"]
    assert rows[1]["notes"] == "'=1+1"
    records = list(csv.DictReader(io.StringIO(said(capsys, 1, 2, "--csv", "-", "--home", home))))
    assert [(row["run"], row["step"]) for row in records] == [("1", str(step)) for step in range(1, STEPS + 1)]


def test_what_cannot_be_done_is_said_in_one_line(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, reason in (
        (["3", "--home", home], "3"),
        (["1", "--home", home / "elsewhere"], "1"),
        (["--csv", home / "no" / "folder.csv", "--home", home], "cannot be written"),
    ):
        assert main(["runs", *map(str, arguments)]) == 2
        error = capsys.readouterr().err
        assert error.startswith("deeprnn: ")
        assert reason in error
        assert error.count("\n") == 1


def test_a_home_without_runs_is_an_empty_table_and_stays_as_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / "new"
    assert len(said(capsys, "--home", home).splitlines()) == 1
    assert json.loads(said(capsys, "--json", "--home", home))["runs"] == []
    assert not home.exists()


def test_models_write_side_by_side_as_each_writes_alone(
    home: Path, trained: tuple[Path, object], capsys: pytest.CaptureFixture[str]
) -> None:
    for number in (1, 2):
        shutil.copytree(trained[0], run_folder(home, number) / "best")
    sampling = ["--prefix", "the bell", "--max-new-tokens", 20, "--seed", 5]
    assert main(["generate", str(trained[0]), *map(str, sampling)]) == 0
    alone = capsys.readouterr().out
    text = said(capsys, 2, 1, *sampling, "--home", home)
    assert text == f"2  Book · balanced\n{alone}\n1  Book · dropout 0.4 → 0.2\n{alone}\n"


def test_a_run_without_a_model_writes_nothing(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runs", "1", "--prefix", "the", "--home", str(home)]) == 2
    assert "0001" in capsys.readouterr().err


def test_it_is_a_command(home: Path, run: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    done = run("runs", "--home", home)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Book · balanced" in done.stdout


def test_the_list_is_there_before_torch_would_be(home: Path) -> None:
    """Torch takes two seconds to import; a list of names needs none of it."""
    code = "import sys; from deeprnn.cli import main; main(sys.argv[1:]); print('torch' in sys.modules)"
    command = [sys.executable, "-c", code, "runs", "--home", str(home)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=120)
    assert done.stdout.splitlines()[-1] == "False"

"""What every test has: a home of its own, one thread, and no silent skip where everything should be there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from deeprnn.device import set_threads
from deeprnn.errors import TextError
from deeprnn.runs import lines
from deeprnn.text.catalogue import DOWNLOADS, load
from deeprnn.text.download import cache_folder

# How long an example takes says something about the machine only; what CI draws must not change from run to run.
settings.register_profile("deeprnn", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("deeprnn")


@pytest.fixture(autouse=True, scope="session")
def _home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the tests away from the user's own models and texts; small networks are fastest on one thread."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DEEPRNN_HOME", str(tmp_path_factory.mktemp("home")))
        patch.setenv("PYTHONPATH", str(Path(__file__).parents[1]))  # for the commands that tests start elsewhere
        patch.setenv("OMP_NUM_THREADS", "1")
        patch.setattr(lines, "NICENESS", 0)  # a test waits for the lines: on a busy machine it would wait long
        set_threads(1)
        yield


@pytest.fixture(scope="session")
def corpora(_home: None) -> Path:
    """Return the folder with timemachine.txt and tinyshakespeare.txt, downloading them where nobody named one."""
    if folder := os.environ.get("DEEPRNN_CORPORA"):
        return Path(folder)
    try:
        for key in DOWNLOADS:
            load(key)
    except TextError as error:
        pytest.skip(f"set DEEPRNN_CORPORA to a folder with timemachine.txt and tinyshakespeare.txt: {error}")
    return cache_folder()


@pytest.fixture(scope="session")
def story() -> str:
    """Return the bundled English story."""
    folder = Path(__file__).parents[1] / "deeprnn" / "text" / "corpora"
    return (folder / "the_thirsty_bell.txt").read_text(encoding="utf-8")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run in which a test was skipped, where DEEPRNN_NO_SKIPS says that nothing is missing."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("DEEPRNN_NO_SKIPS") and reporter and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED

"""What every room's tests need of the process they run in."""

import os
import signal
import tempfile

import hypothesis
import pytest

# How long an example takes depends on what else the machine does.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")

# Kaggle's client makes its folder as it is imported: in the home, and in two test processes at once.
os.environ.setdefault("KAGGLE_CONFIG_DIR", tempfile.gettempdir())

# A shell starts background commands with Ctrl-C ignored, and so would every process a test starts.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def lock_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Let the runs of one worker wait for each other only."""
    os.environ["PHOTOFINISH_LOCK"] = str(tmp_path_factory.mktemp("machine") / "lock")


@pytest.fixture(autouse=True)
def machine_of_our_own(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the machine for ours, though other tests run on it; ``neighbours`` marks those that look."""
    if request.node.get_closest_marker("neighbours") is None:
        monkeypatch.setattr("harness.probes.neighbours.Others.disturb", lambda self, spare_cores=0: False)
        monkeypatch.setattr("harness.probes.speed.Speed.slow", lambda self, *readings: [])

"""Two homes, as of a host and of a machine, and a request for the tiny task."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.machines_cluster import requested
from harness.intake.request import EvaluationRequest
from harness.spec import Places

RIGHT = "import numpy as np\ndef build(context): return lambda x: np.int64(x.argmax())\n"


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """The places of the host."""
    return Places.under(tmp_path / "host")


@pytest.fixture
def request_for_mine(tmp_path: Path, places: Places) -> EvaluationRequest:
    """A request to evaluate a submission that answers rightly."""
    return requested(tmp_path, RIGHT, places)

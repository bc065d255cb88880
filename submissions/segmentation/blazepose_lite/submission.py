"""BlazePose GHUM (lite): the published weights as they are, run by LiteRT."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

from blazepose import Segmenter


def build(context: SimpleNamespace) -> Segmenter:
    """Load the two models that lie beside this file."""
    return Segmenter(Path(__file__).parent, context.profile["threads"])

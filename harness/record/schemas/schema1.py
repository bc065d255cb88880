"""Schema 1: the file holds its own id, the hash of everything else in canonical JSON.

What ranks a record by time stood among the gauges, and the level of isolation was called ``tier``.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

_LATENCY = {
    "latency_log_mean": "log_mean",
    "latency_log_se": "standard_error",
    "latency_df": "degrees_of_freedom",
    "margin": "margin",
}


def identity(_data: bytes, body: dict[str, Any]) -> str:
    """Return the id that the file holds. Raises ``ValueError`` where the rest does not hash to it."""
    rest = {name: value for name, value in body.items() if name != "id"}
    canonical = json.dumps(rest, sort_keys=True, separators=(",", ":"))
    if body.get("id") != hashlib.sha256(canonical.encode()).hexdigest()[:16]:
        raise ValueError(f"record {body.get('id')} was changed after it was sealed")
    return str(body["id"])


def upgrade(body: dict[str, Any]) -> dict[str, Any]:
    """Return the same record in schema 2, without its id."""
    moved = {*_LATENCY, "rescored_from"}
    gauges = {name: value for name, value in body["gauges"].items() if name not in moved}
    latency = {new: body["gauges"].get(old) for old, new in _LATENCY.items()}
    isolation = {("level" if name == "tier" else name): value for name, value in body["isolation"].items()}
    rest = {name: value for name, value in body.items() if name not in {"id", "replicates"}}
    return {
        **rest,
        "isolation": isolation,
        "gauges": gauges,
        "latency": latency if latency["log_mean"] is not None else None,
        "processes": body["replicates"],
        "rescored_from": body["gauges"].get("rescored_from"),
    }

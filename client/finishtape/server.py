"""Read from a running ``run_bench.py serve`` through its JSON API."""

from __future__ import annotations

from typing import Any

import httpx

from finishtape.errors import Failed
from finishtape.values import Board, Comparison, Json, Record, Row


class Server:
    """A server of boards and records. Raises Failed where it cannot be reached or refuses."""

    def __init__(self, address: str = "http://127.0.0.1:8765", *, timeout: float = 30.0) -> None:
        self._http = httpx.Client(base_url=address, timeout=timeout)

    def boards(self, task: str = "") -> list[Json]:
        """List the boards, of one task or of all: id, task, data, profile, scenario, number of rows."""
        listed: list[Json] = []
        while True:
            asked = {"offset": len(listed), "limit": 1000, **({"task": task} if task else {})}
            answer = self._get("/api/boards", asked)
            listed += answer["boards"]
            if len(listed) >= answer["total"] or not answer["boards"]:
                return listed

    def board(self, task: str, profile: str = "cpu", *, variant: str = "", limit: int = 1000) -> Board:
        """Return the board of a task that changed last, on a profile and, if named, a variant of the data."""
        fitting = [
            board
            for board in self.boards(task)
            if board["profile"] == profile and variant in {"", board["data"]["variant"]}
        ]
        if not fitting:
            raise Failed(
                f"there is no board of {task} on {profile}{f' with {variant}' if variant else ''} yet"
            )
        latest = max(fitting, key=lambda board: float(board["latest"]))
        return Board(self._get(f"/api/boards/{latest['id']}", {"limit": limit}))

    def record(self, record: str | Row) -> Record:
        """Return a whole record, by its id or by its row."""
        return Record(self._get(f"/api/records/{_id(record)}"))

    def compare(self, a: str | Row | Record, b: str | Row | Record) -> Comparison:
        """Compare two records of one board: paired differences of scores, ratio of times, memory."""
        answer = self._get("/api/compare", {"a": _id(a), "b": _id(b)})
        time = answer["time"]
        sentences = [score["words"] for score in answer["scores"]]
        sentences += [*([time["words"]] if time else []), answer["memory"], *answer["notes"]]
        verdict = time["verdict"] if time else "unknown"
        return Comparison(verdict, tuple(filter(None, sentences)), answer)

    def _get(self, path: str, asked: dict[str, Any] | None = None) -> Any:
        try:
            answer = self._http.get(path, params=asked)
        except httpx.HTTPError as error:
            address = self._http.base_url
            raise Failed(
                f"{address} cannot be reached ({error}); start it with 'run_bench.py serve'"
            ) from error
        if answer.is_success:
            return answer.json()
        try:
            reason = answer.json()["detail"]
        except (ValueError, KeyError, TypeError):
            reason = answer.reason_phrase
        raise Failed(f"{reason} (HTTP {answer.status_code})")


def _id(record: str | Row | Record) -> str:
    return record if isinstance(record, str) else record.id

"""An evaluation request: plain JSON that names all that an evaluation needs, data and submission by hash.

Whoever holds it can run it, on this machine or another one. Paths say where things lay when it was made;
elsewhere they are replaced. What is found there is checked against the hashes before anything runs.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from harness.files import read_given, write_whole
from harness.spec import OwnEnvironments, Scenario
from harness.spec.errors import UserError

SCHEMA: Literal[1] = 1
_MOST_BYTES = 1_000_000
_CURE = "'run TASK SUBMISSION --save-request FILE' writes one"
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class RequestedTask(_Value):
    """A shipped task by its name, or a task of one's own by its ``file`` and that file's hash.

    ``environments`` says which packages submissions may bring, None what the task says.
    """

    name: str
    version: int
    file: Path | None = None
    sha256: Sha256 | None = None
    environments: OwnEnvironments | None = None


class RequestedData(_Value):
    """The data: made from name, variant and ``seed``, or from the user's own folder or file ``source``.

    With ``key_sha256`` they are made from the secret key of that hash, which the machine must have.
    """

    name: str
    variant: str
    sha256: Sha256
    seed: int = 0
    source: Path | None = None
    key_sha256: Sha256 | None = None


class RequestedSubmission(_Value):
    """A submission by the hash of all its files; without ``path`` it is the shipped entry of that name."""

    name: str
    team: str = ""
    kind: str
    sha256: Sha256
    path: Path | None = None


class RunOptions(_Value):
    """How it is run. Without ``isolation`` the strongest sandbox backend of the machine is used.

    No further round of processes begins after ``most_s`` seconds; what has begun is finished.
    """

    profile: str
    scenario: Scenario
    seed: int = 0
    quick: bool = False
    isolation: str | None = None
    loadgen: bool = False
    most_s: Annotated[float, Field(ge=0)] | None = None


class EvaluationRequest(_Value):
    """One evaluation to be made, paired with ``reference``."""

    schema_: Literal[1] = Field(default=SCHEMA, alias="schema")
    task: RequestedTask
    data: RequestedData
    submission: RequestedSubmission
    reference: RequestedSubmission
    run: RunOptions

    def write(self, path: Path) -> None:
        """Write the request to a file."""
        write_whole(path, self.model_dump_json(by_alias=True, indent=1).encode() + b"\n")

    def relocated(
        self, task: Path | None = None, source: Path | None = None, submission: Path | None = None
    ) -> EvaluationRequest:
        """Return the same request with other paths, for where they are given."""
        changes = {
            "task": self.task.model_copy(update={"file": task}) if task else self.task,
            "data": self.data.model_copy(update={"source": source}) if source else self.data,
            "submission": (
                self.submission.model_copy(update={"path": submission}) if submission else self.submission
            ),
        }
        return self.model_copy(update=changes)


def read_request(path: Path) -> EvaluationRequest:
    """Read a request. Raises UserError where the file cannot be read or is no request."""
    try:
        return EvaluationRequest.model_validate_json(read_given(path, _MOST_BYTES))
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}; {_CURE}") from None
    except ValidationError as errors:
        first = errors.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"])) + ": " if first["loc"] else ""
        raise UserError(f"{path} is not an evaluation request: {where}{first['msg']}; {_CURE}") from None

"""The host of submissions in Python and of bare models: import, build, then answer until requests end.

Started as ``python -I -S main.py REQUESTS ANSWERS INPUT OUTPUT`` (descriptors). The parent trusts
nothing that comes from here: its own clock, nonces and copy of the answer decide. Without ``site``, no
installed package is seen until the submission is imported: what packages do is timed as its doing.
"""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import json
import mmap
import os
import site
import sys
import traceback
import types
from typing import TYPE_CHECKING, Any

HERE = os.path.dirname(os.path.abspath(__file__))
PACKAGE = "photofinish_host"
"""The name of this folder as a package inside: the project's own names are not importable there."""
LONGEST_ERROR = 4000

if TYPE_CHECKING:
    from harness.host import model_file, protocol
    from harness.host.runtimes import NotAModel
else:
    sys.modules[PACKAGE] = types.ModuleType(PACKAGE)
    sys.modules[PACKAGE].__path__ = [HERE]
    from photofinish_host import model_file, protocol
    from photofinish_host.runtimes import NotAModel


class NotASubmissionError(Exception):
    """The submission breaks the contract."""


class SubmissionHost:
    """Holds the submission in its present state: nothing, a ``build`` function, a model."""

    def __init__(self) -> None:
        self.prepare: Any = None
        self.build: Any = None
        self.training: Any = None
        self.model: Any = None
        self.path = ""

    def load(self, kind: str, path: str) -> None:
        """Import the submission, or choose the adapter of a bare model."""
        self.path = path
        if kind == "python":
            sys.path.append(os.path.dirname(path))  # last: no file here may shadow a library
            module = import_file("submission", path)
            self.prepare, self.build = getattr(module, "prepare", None), getattr(module, "build", None)
            if not callable(self.build):
                raise NotASubmissionError("the submission defines no function build(context)")
            return
        adapter = importlib.import_module(f"{PACKAGE}.runtimes.{kind}")
        model_file.import_modules(adapter.RUNTIME)
        self.build = lambda context: model_file.load(adapter, path, context)

    def make(self, context: dict[str, Any]) -> int:
        """Call the submission's ``build``. The models that a generator yields are checkpoints."""
        made = self.build(types.SimpleNamespace(**context))
        if inspect.isgenerator(made):
            self.training = made
            return self.train()
        return self._take(made, protocol.DONE)

    def train(self) -> int:
        """Train to the next checkpoint, or to the end; returns the kind of reply."""
        try:
            return self._take(next(self.training), protocol.CHECKPOINT)
        except StopIteration as end:
            return self._take(self.model if end.value is None else end.value, protocol.DONE)

    def _take(self, model: Any, reply: int) -> int:
        if not callable(model):
            raise NotASubmissionError(f"build(context) gave {type(model).__name__}, which cannot be called")
        self.model = model
        return reply

    def answer(self, x: Any) -> Any:
        """Answer one query."""
        return self.model(x)

    def teach(self, x: Any, y: Any) -> None:
        """Hand one lesson to the model."""
        update = getattr(self.model, "update", None)
        if update is None:
            raise NotASubmissionError("this task teaches, and the model has no method update(x, y)")
        update(x, y)

    def answer_all(self, xs: list[Any]) -> list[Any]:
        """Answer many queries: all at once where the model can, else one after another."""
        batch = getattr(self.model, "batch", None)
        answers = list(batch(xs)) if batch else [self.model(x) for x in xs]
        if len(answers) != len(xs):
            raise NotASubmissionError(f"model.batch gave {len(answers)} answers to {len(xs)} queries")
        return answers


def import_file(name: str, path: str) -> types.ModuleType:
    """Import one file under a name of its own, whatever else is called the same."""
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} cannot be imported")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def described(error: BaseException, path: str, invalid: bool) -> str:
    """Describe an error in one JSON object, with the line of the submission that raised it."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if os.path.dirname(path) in frame.filename and path]
    where = f" ({os.path.basename(own[-1].filename)}, line {own[-1].lineno})" if own else ""
    if isinstance(error, SyntaxError) and error.lineno:
        where = f" ({os.path.basename(error.filename or path)}, line {error.lineno})"
    text = error.msg if isinstance(error, SyntaxError) else str(error)
    trace = "".join(traceback.format_exception(type(error), error, error.__traceback__))
    sys.stderr.write(trace[-LONGEST_ERROR:])
    sys.stderr.flush()
    return json.dumps({"type": type(error).__name__, "text": text[:500], "where": where, "invalid": invalid})


class Segments:
    """Both shared segments. Arrays pass once ``open`` has made NumPy importable; text passes at any time."""

    def __init__(self, input_fd: int, output_fd: int) -> None:
        self.source = memoryview(mmap.mmap(input_fd, os.fstat(input_fd).st_size, prot=mmap.PROT_READ))
        self.target = memoryview(mmap.mmap(output_fd, os.fstat(output_fd).st_size))
        self.reader: Any = None
        self.writer: Any = None
        self.invalid: tuple[type[BaseException], ...] = (NotASubmissionError, NotAModel, SyntaxError)

    def open(self) -> None:
        """Let the environment's packages be imported, as every Python does at its start, and NumPy first."""
        site.main()
        try:
            codec = importlib.import_module(f"{PACKAGE}.codec")
        except ModuleNotFoundError as error:
            if error.name != "numpy":
                raise
            raise NotASubmissionError(
                "its environment has no NumPy, which hands arrays over; lock numpy too"
            ) from None
        self.reader, self.writer = codec.Reader(self.source), codec.Writer(self.target)
        self.invalid = (*self.invalid, codec.CodecError)

    def text(self, length: int) -> Any:
        """Read a request in JSON."""
        return json.loads(bytes(self.source[:length]))

    def put_text(self, text: str) -> tuple[int, int]:
        """Write plain UTF-8 text, cut to what fits; returns ``(0, length)``."""
        if self.writer:
            lengths: tuple[int, int] = self.writer.put_text(text)
            return lengths
        data = text.encode("utf-8", "replace")[: len(self.target)]
        self.target[: len(data)] = data
        return 0, len(data)


def respond(
    submission: SubmissionHost, kind: int, layout_length: int, total: int, segments: Segments
) -> tuple[int, int, int]:
    """Do what one request asks; returns ``(kind of reply, layout length, total length)``."""
    if kind == protocol.QUERY:
        answer = submission.answer(segments.reader.get(layout_length)[0])
        return (protocol.ANSWER, *segments.writer.put([answer]))
    if kind == protocol.BATCH:
        answers = submission.answer_all(segments.reader.get(layout_length))
        return (protocol.ANSWER, *segments.writer.put(answers))
    if kind == protocol.UPDATE:
        submission.teach(*segments.reader.get(layout_length))
    elif kind == protocol.IMPORT:
        segments.open()
        submission.load(**segments.text(total))
    elif kind == protocol.PREPARE:
        if submission.prepare:
            submission.prepare(types.SimpleNamespace(**segments.text(total)))
    elif kind == protocol.BUILD:
        return submission.make(segments.text(total)), 0, 0
    elif kind == protocol.RESUME:
        return submission.train(), 0, 0
    return protocol.DONE, 0, 0


def main() -> None:
    """Serve requests until the parent closes the pipe."""
    requests, answers, input_fd, output_fd = map(int, sys.argv[1:5])
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # the log keeps its order
    segments, submission = Segments(input_fd, output_fd), SubmissionHost()
    os.write(answers, protocol.TOKEN.pack(0, protocol.DONE, 0, 0))
    while token := os.read(requests, protocol.TOKEN.size):
        nonce, kind, layout_length, total = protocol.TOKEN.unpack(token)
        try:
            reply = respond(submission, kind, layout_length, total, segments)
        except BaseException as error:  # also a SystemExit: every error is reported
            invalid = isinstance(error, segments.invalid)
            reply = (protocol.ERROR, *segments.put_text(described(error, submission.path, invalid)))
        os.write(answers, protocol.TOKEN.pack(nonce, *reply))


if __name__ == "__main__":
    main()

"""The host of submissions in Python and of bare models: import, build, then answer until requests end.

Started as ``python -I main.py REQUESTS ANSWERS INPUT OUTPUT`` (descriptors). The parent trusts
nothing that comes from here: its own clock, nonces and copy of the answer decide.
"""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import json
import mmap
import os
import sys
import traceback
import types
from typing import TYPE_CHECKING, Any

HERE = os.path.dirname(os.path.abspath(__file__))
PACKAGE = "photofinish_host"
"""The name of this folder as a package inside: the project's own names are not importable there."""
LONGEST_ERROR = 4000

if TYPE_CHECKING:
    from harness.host import codec
else:
    sys.modules[PACKAGE] = types.ModuleType(PACKAGE)
    sys.modules[PACKAGE].__path__ = [HERE]
    from photofinish_host import codec


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
        for name in adapter.RUNTIME.modules:
            importlib.import_module(name)
        self.build = lambda context: adapter.load(path, context)

    def make(self, context: dict[str, Any]) -> int:
        """Call the submission's ``build``. The models that a generator yields are checkpoints."""
        made = self.build(types.SimpleNamespace(**context))
        if inspect.isgenerator(made):
            self.training = made
            return self.train()
        return self._take(made, codec.DONE)

    def train(self) -> int:
        """Train to the next checkpoint, or to the end; returns the kind of reply."""
        try:
            return self._take(next(self.training), codec.CHECKPOINT)
        except StopIteration as end:
            return self._take(self.model if end.value is None else end.value, codec.DONE)

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


def described(error: BaseException, path: str) -> str:
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
    invalid = isinstance(error, (codec.CodecError, NotASubmissionError, SyntaxError))
    return json.dumps({"type": type(error).__name__, "text": text[:500], "where": where, "invalid": invalid})


def respond(
    submission: SubmissionHost,
    kind: int,
    layout_length: int,
    reader: codec.Reader,
    writer: codec.Writer,
    total: int,
) -> tuple[int, int, int]:
    """Do what one request asks; returns ``(kind of reply, layout length, total length)``."""
    if kind == codec.QUERY:
        return (codec.ANSWER, *writer.put([submission.answer(reader.get(layout_length)[0])]))
    if kind == codec.BATCH:
        return (codec.ANSWER, *writer.put(submission.answer_all(reader.get(layout_length))))
    if kind == codec.UPDATE:
        submission.teach(*reader.get(layout_length))
    elif kind == codec.IMPORT:
        submission.load(**json.loads(reader.text(total)))
    elif kind == codec.PREPARE:
        if submission.prepare:
            submission.prepare(types.SimpleNamespace(**json.loads(reader.text(total))))
    elif kind == codec.BUILD:
        return submission.make(json.loads(reader.text(total))), 0, 0
    elif kind == codec.RESUME:
        return submission.train(), 0, 0
    return codec.DONE, 0, 0


def main() -> None:
    """Serve requests until the parent closes the pipe."""
    requests, answers, input_fd, output_fd = map(int, sys.argv[1:5])
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # the log keeps its order
    source = mmap.mmap(input_fd, os.fstat(input_fd).st_size, prot=mmap.PROT_READ)
    target = mmap.mmap(output_fd, os.fstat(output_fd).st_size)
    reader, writer = codec.Reader(memoryview(source)), codec.Writer(memoryview(target))
    submission = SubmissionHost()
    os.write(answers, codec.TOKEN.pack(0, codec.DONE, 0, 0))
    while token := os.read(requests, codec.TOKEN.size):
        nonce, kind, layout_length, total = codec.TOKEN.unpack(token)
        try:
            reply = respond(submission, kind, layout_length, reader, writer, total)
        except BaseException as error:  # also a SystemExit: every error is reported
            reply = (codec.ERROR, *writer.put_text(described(error, submission.path)))
        os.write(answers, codec.TOKEN.pack(nonce, *reply))


if __name__ == "__main__":
    main()

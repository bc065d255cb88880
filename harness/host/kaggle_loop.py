"""Kaggle's loops inside out: code that fetches its own samples becomes a model that is asked.

The code runs in a thread of its own. It is handed a sample when the parent asks, and the answer counts once
the code asks for the next sample: whatever it does in between is timed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from queue import SimpleQueue
from threading import Thread
from typing import Any

Sample = tuple[Any, Any]
"""What a loop is handed: the picture, uint8 (height, width, 3), and a DataFrame with the row to fill in."""
SAMPLE_ANNOTATIONS = "0.99 123 456 1 1"
"""Kaggle's own sample row."""
_READY, _ANSWER, _ERROR, _ENDED = range(4)


class Loop:
    """Hands samples to the code and answers back, one at a time."""

    def __init__(self) -> None:
        self._samples: SimpleQueue[Any] = SimpleQueue()
        self._events: SimpleQueue[tuple[int, Any]] = SimpleQueue()
        self._asked = 0
        self._ended = False

    def begin(self, code: Callable[[], None]) -> None:
        """Run the code until it asks for its first sample. Raises what it raises."""

        def run() -> None:
            try:
                code()
            except BaseException as error:  # also a SystemExit: whatever ends the code is reported
                self._events.put((_ERROR, error))
            else:
                self._events.put((_ENDED, None))

        Thread(target=run, daemon=True).start()
        kind, value = self._events.get()
        if kind == _ERROR:
            raise value
        if kind == _ENDED:
            raise RuntimeError("the code ended without asking for a test sample: call iter_test() or serve()")

    def ask(self, picture: Any) -> Any:
        """Hand over one picture and return the answer. Raises what the code raises."""
        import numpy as np
        import pandas as pd

        if self._ended:
            raise RuntimeError(f"the loop ended after {self._asked} of the test samples")
        row = pd.DataFrame({"row_num": [self._asked], "annotations": [SAMPLE_ANNOTATIONS]})
        self._asked += 1
        self._samples.put((np.array(picture), row))
        answer = None
        while True:
            kind, value = self._events.get()
            if kind == _ANSWER:
                answer = value
            elif kind == _ERROR:
                raise value
            else:
                self._ended = kind == _ENDED
                break
        if answer is None:
            raise RuntimeError("the loop ended without a prediction for its last test sample")
        return answer

    def next_sample(self) -> Sample:
        """Wait for the next sample; called by the code."""
        self._events.put((_READY, None))
        sample: Sample = self._samples.get()
        return sample

    def answer(self, predicted: Any) -> None:
        """Take the prediction for the last sample; called by the code."""
        self._events.put((_ANSWER, boxes(predicted)))


def boxes(predicted: Any) -> Any:
    """Turn a DataFrame's ``annotations``, or such a text, into boxes, float64 (n, 5).

    Raises ValueError for anything but groups of five numbers: confidence x y width height.
    """
    import numpy as np

    text = predicted if isinstance(predicted, str) else predicted["annotations"].iloc[0]
    words = "" if text is None or text != text else str(text)  # noqa: PLR0124  # NaN stands for nothing
    try:
        numbers = np.array([float(word) for word in words.split()])
    except ValueError:
        raise ValueError(_wrong(words)) from None
    if len(numbers) % 5:
        raise ValueError(_wrong(words))
    return numbers.reshape(-1, 5)


def _wrong(words: str) -> str:
    shown = words if len(words) <= 60 else f"{words[:60]}..."
    return f"annotations must be groups of five numbers, 'confidence x y width height'; this is '{shown}'"


class Environment:
    """What ``make_env()`` gives: ``iter_test`` and ``predict``, with Kaggle's error texts."""

    def __init__(self, loop: Loop) -> None:
        self._loop = loop
        self._iterated = False
        self._waiting = False

    def iter_test(self) -> Iterator[Sample]:
        """Yield each test sample once."""
        if self._iterated:
            raise Exception("You can only iterate over `iter_test()` once.")
        self._iterated = True
        return self._samples()

    def _samples(self) -> Iterator[Sample]:
        while True:
            if self._waiting:
                raise Exception(
                    "You must call `predict()` successfully before you can continue with `iter_test()`"
                )
            sample = self._loop.next_sample()
            self._waiting = True
            yield sample

    def predict(self, predictions: Any) -> None:
        """Take the prediction for the sample that was handed over last."""
        import pandas as pd

        if not self._waiting:
            raise Exception("You must get the next test sample from `iter_test()` first.")
        if not isinstance(predictions, pd.DataFrame):
            raise Exception("You must provide a DataFrame.")
        self._loop.answer(predictions)
        self._waiting = False


class InferenceServer:
    """The newer style: ``InferenceServer(predict).serve()`` calls ``predict`` for each sample."""

    loop: Loop

    def __init__(self, *endpoints: Callable[..., Any]) -> None:
        if not endpoints:
            raise ValueError("InferenceServer needs the function that predicts")
        self._predict = endpoints[0]

    def serve(self) -> None:
        """Answer every test sample."""
        while True:
            self.loop.answer(self._predict(*self.loop.next_sample()))

    def run_local_gateway(self, *_: Any, **__: Any) -> None:
        """Answer every test sample, as ``serve`` does."""
        self.serve()

"""A bare ``.gguf`` file: a language model that goes on with a text, run by llama.cpp on the CPU."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np

from . import Runtime

RUNTIME = Runtime("llama.cpp", endings=(".gguf",), packages=("xllamacpp",), modules=("xllamacpp",))
_MOST_TOKENS = 128
"""Of an answer, where the task's parameters say nothing of ``max_tokens``."""


def load(path: str, context: SimpleNamespace) -> Callable[[Any], Any]:
    """Return ``model(x)``, which takes the most likely token each time: the same text has the same answer."""
    import xllamacpp

    settings = xllamacpp.CommonParams()
    settings.model.path = path
    place = f"{os.urandom(8).hex()}.sock"  # where it insists on listening
    settings.hostnames = [os.path.join(context.workdir, place)]
    settings.cpuparams.n_threads = settings.cpuparams_batch.n_threads = int(context.profile["threads"])
    settings.n_parallel = 1
    settings.n_gpu_layers = 0
    server = xllamacpp.Server(settings)
    most = int(context.params.get("max_tokens", _MOST_TOKENS))

    def model(x: Any) -> Any:
        asked = {"prompt": _text(x), "temperature": 0, "max_tokens": most, "cache_prompt": False}
        reply = server.handle_completions(asked)
        if "choices" not in reply:
            raise ValueError(f"llama.cpp gives no answer: {reply}"[:300])
        return np.array(reply["choices"][0]["text"])

    return model


def _text(x: Any) -> str:
    """Return the query's first array as one text. Raises ValueError where it is none."""
    array = np.asarray(next(iter(x.values())) if isinstance(x, Mapping) else x)
    if array.size != 1 or array.dtype.kind != "U":
        raise ValueError(f"a .gguf model takes one text, and the query holds {array.dtype} of {array.shape}")
    return str(array.reshape(()).item())

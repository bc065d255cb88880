"""Pictures into vectors of length one: raw pixels, histograms of gradients, a small network."""

import json
from pathlib import Path

import numpy as np

CELL, TURNS = 4, 8
BATCH = 64


def base(context, most=5):
    """Return at most so many training pictures of each base class, their labels, and how many classes."""
    folder = Path(context.public)
    with np.load(folder / "base.npz") as held:
        images, labels = held["images"], held["labels"]
    chosen = np.concatenate([np.flatnonzero(labels == label)[:most] for label in np.unique(labels)])
    return images[chosen], labels[chosen], json.loads((folder / "about.json").read_text())["base"]


def unit(vectors):
    """Scale rows to length one."""
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)


def pixels(images):
    """Return grey levels at half size (n, 196)."""
    half = np.asarray(images, np.float32).reshape(len(images), 14, 2, 14, 2).mean((2, 4))
    return unit(half.reshape(len(images), -1))


def gradients(images):
    """Return histograms of gradients (Dalal and Triggs 2005): 7 x 7 cells of eight directions."""
    grey = np.asarray(images, np.float32) / 255
    across, down = np.zeros_like(grey), np.zeros_like(grey)
    across[:, :, 1:-1] = grey[:, :, 2:] - grey[:, :, :-2]
    down[:, 1:-1] = grey[:, 2:] - grey[:, :-2]
    size = np.hypot(across, down)
    turn = (np.arctan2(down, across) % (2 * np.pi)) * (TURNS / (2 * np.pi))
    lower = np.floor(turn)
    share = turn - lower
    bins = np.zeros((*grey.shape, TURNS), np.float32)
    np.put_along_axis(bins, (lower.astype(int) % TURNS)[..., None], (size * (1 - share))[..., None], 3)
    upper = np.zeros_like(bins)
    np.put_along_axis(upper, ((lower.astype(int) + 1) % TURNS)[..., None], (size * share)[..., None], 3)
    bins += upper
    cells = grey.shape[1] // CELL
    made = bins.reshape(len(grey), cells, CELL, cells, CELL, TURNS).sum((2, 4))
    return unit(np.sqrt(made.reshape(len(grey), -1)))


class Network:
    """The network in ``embedding.tflite``, with one interpreter for each size of batch."""

    def __init__(self, path, threads):
        self.path, self.threads, self.ready = str(path), threads, {}
        for size in (1, 5, BATCH):
            self._for(size)

    def _for(self, size):
        if size not in self.ready:
            from ai_edge_litert.interpreter import Interpreter

            made = Interpreter(model_path=self.path, num_threads=self.threads)
            into, out = made.get_input_details()[0]["index"], made.get_output_details()[0]["index"]
            made.resize_tensor_input(into, (size, 28, 28, 1))
            made.allocate_tensors()
            self.ready[size] = made, into, out
        return self.ready[size]

    def __call__(self, images):
        """Return embeddings (n, 64)."""
        x = np.asarray(images, np.float32)[..., None] / 255
        return np.concatenate([self._part(x[start : start + BATCH]) for start in range(0, len(x), BATCH)])

    def _part(self, x):
        made, into, out = self._for(len(x))
        made.set_tensor(into, x)
        made.invoke()
        return made.get_tensor(out)


def network(context, file):
    """Load the network that lies beside an entry's file."""
    return Network(Path(file).parent / "embedding.tflite", int(context.profile["threads"]))

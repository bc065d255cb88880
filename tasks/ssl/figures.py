"""Pictures of an embedding as PNG bytes: accuracy against labels, a map, nearest neighbours."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tasks.metrics.embedding import unit

if TYPE_CHECKING:
    from harness.spec import Array, Figures

_MOST_POINTS = 400
_ROWS, _COLUMNS = 8, 8


def accuracy(found: Figures, counts: Sequence[str]) -> bytes:
    """Accuracy of probe and neighbours against labels a class, with the 95 % intervals."""
    figure = _figure(6.4, 4.2)
    axes = figure.add_subplot()
    for way, colour in (("probe", "#0b6e99"), ("knn", "#d9730d")):
        points = [(place, found[f"{way}_{count}"]) for place, count in enumerate(counts)]
        drawn = [(place, *figures) for place, figures in points if None not in figures]
        if drawn:
            place, value, low, high = np.array(drawn, np.float64).T
            around = np.maximum([value - low, high - value], 0)
            axes.errorbar(place, value, around, marker="o", capsize=4, color=colour, label=way)
    axes.set(xlabel="labels a class", ylabel="accuracy, %", title="Accuracy against labels")
    axes.set_xticks(range(len(counts)), counts)
    axes.grid(axis="y", color="#dddddd", linewidth=0.6)
    axes.legend(frameon=False)
    return _png(figure)


def map_of(embeddings: Array, labels: Array) -> bytes:
    """Test pictures as points, coloured by class: t-SNE (van der Maaten and Hinton, 2008), fixed seed."""
    from sklearn.manifold import TSNE
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    points, names = unit(embeddings[:_MOST_POINTS]), labels[:_MOST_POINTS]
    with threadpool_limits(1):
        flat = TSNE(init="random", random_state=0, max_iter=300).fit_transform(points)
    figure = _figure(6.4, 6)
    axes = figure.add_subplot()
    for name in np.unique(names):
        axes.scatter(*flat[names == name].T, s=9, color=f"C{name}", label=str(name))
    axes.set(title="Map of the test pictures (t-SNE)", xticks=[], yticks=[])
    axes.legend(frameon=False, ncols=5, loc="upper center", bbox_to_anchor=(0.5, 0))
    return _png(figure)


def neighbours(embeddings: Array, pictures: Array) -> bytes:
    """A row a test picture: itself, then the nearest others in cosine."""
    around = unit(embeddings)
    cosine = around[:_ROWS] @ around.T
    nearest = np.argsort(-cosine, axis=1, kind="stable")
    figure = _figure(_COLUMNS, _ROWS + 0.5)
    axes = figure.add_subplot()
    axes.set_axis_off()
    axes.imshow(_mosaic(pictures, nearest), cmap="gray", vmin=0, vmax=255)
    figure.suptitle("Test pictures (left) and their nearest neighbours")
    return _png(figure)


def _mosaic(pictures: Array, nearest: Array) -> Array:
    """One picture of all: a row for each of the first, itself and then its nearest, apart by white."""
    side = pictures.shape[1]
    step = side + max(1, side // 8)
    sheet = np.full((len(nearest) * step, _COLUMNS * step, pictures.shape[3]), 255, np.uint8)
    for row, near in enumerate(nearest):
        shown = [row, *(index for index in near if index != row)][:_COLUMNS]
        for column, index in enumerate(shown):
            sheet[row * step : row * step + side, column * step : column * step + side] = pictures[index]
    return sheet.squeeze()


def _figure(width: float, height: float) -> Any:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def _png(figure: Any) -> bytes:
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=100)
    return stream.getvalue()

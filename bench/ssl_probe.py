"""The linear probe of task ssl beside scikit-learn's: seconds for five draws, points of accuracy apart.

    python -m bench.ssl_probe

5,000 embeddings of 512 numbers in ten overlapping classes, all labels, and 5,000 others to test on.
"""

from __future__ import annotations

import time

import numpy as np
from sklearn.linear_model import LogisticRegression

from tasks.metrics import embedding

COUNT, WIDTH, CLASSES, DRAWS = 5_000, 512, 10, 5


def main() -> None:
    rng = np.random.default_rng(0)
    centres = rng.normal(size=(CLASSES, WIDTH)) * 0.12
    shape = rng.normal(size=(WIDTH, WIDTH)) / np.sqrt(WIDTH) + np.eye(WIDTH)
    labels = rng.integers(0, CLASSES, 2 * COUNT)
    rows = (centres[labels] + rng.normal(size=(2 * COUNT, WIDTH))) @ shape
    pool, test = rows[:COUNT].astype(np.float32), rows[COUNT:].astype(np.float32)
    print(f"{COUNT:,} x {WIDTH} embeddings, {DRAWS} draws of labels")
    for per_class in (1, 10, 50, None):
        draws = [
            embedding.label_draw(labels[:COUNT], per_class, np.random.default_rng(d)) for d in range(DRAWS)
        ]
        if per_class is None:  # five times four fifths of all, or the draws would be one
            draws = [np.random.default_rng(d).permutation(COUNT)[: 4 * COUNT // 5] for d in range(DRAWS)]
        start = time.perf_counter()
        flat, asked = embedding.standardise(pool, test)
        told = [embedding.predict(embedding.fit_probe(flat[d], labels[d], CLASSES), asked) for d in draws]
        ours_s = time.perf_counter() - start
        start = time.perf_counter()
        theirs = [
            LogisticRegression(tol=1e-6, max_iter=2000).fit(flat[d], labels[d]).predict(asked) for d in draws
        ]
        theirs_s = time.perf_counter() - start
        truth = labels[COUNT:]
        ours_at, theirs_at = ([100 * float(np.mean(one == truth)) for one in all_] for all_ in (told, theirs))
        apart = max(abs(a - b) for a, b in zip(ours_at, theirs_at, strict=True))
        print(
            f"  {per_class or 'all':>4} a class: {np.mean(ours_at):5.1f} % in {ours_s:5.2f} s; scikit-learn "
            f"{np.mean(theirs_at):5.1f} % in {theirs_s:5.2f} s; at most {apart:.2f} points apart"
        )


if __name__ == "__main__":
    main()

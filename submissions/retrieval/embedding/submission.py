"""The nearest picture in cosine of a network's embeddings, one product for each class."""

import numpy as np
from vectors import base, network


class OneByOne:
    """Keeps the embeddings of each class apart."""

    def __init__(self, vectors):
        self.vectors, self.classes = vectors, []

    def update(self, x, y):
        """Add examples to their classes."""
        made = self.vectors(x)
        for label in np.unique(y):
            rows = made[y == label]
            if label < len(self.classes):
                self.classes[label] = np.concatenate([self.classes[label], rows])
            else:
                self.classes.append(rows)

    def __call__(self, x):
        """Return scores (m, known)."""
        made = self.vectors(x)
        return np.stack([(made @ rows.T).max(1) for rows in self.classes], axis=1)


def build(context):
    """Embed the base classes' pictures."""
    images, labels, _ = base(context)
    model = OneByOne(network(context, __file__))
    model.update(images, labels)
    return model

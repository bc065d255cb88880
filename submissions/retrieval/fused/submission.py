"""What ``embedding`` does, with one product for all classes and the maximum of each."""

from banks import Nearest
from vectors import base, network


def build(context):
    """Embed the base classes' pictures."""
    images, labels, _ = base(context)
    model = Nearest(network(context, __file__), 64)
    model.update(images, labels)
    return model

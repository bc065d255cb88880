"""Photofinish from Python and notebooks.

``Server`` reads from a running ``run_bench.py serve``; ``Checkout`` runs the command line of a clone. Both
return the same values, which show themselves as tables in Jupyter.
"""

from finishtape.checkout import Checkout
from finishtape.errors import Failed
from finishtape.server import Server
from finishtape.values import Board, Comparison, Measure, Record, Row

__all__ = ["Board", "Checkout", "Comparison", "Failed", "Measure", "Record", "Row", "Server"]

"""MLflow as the ledger: every record a complete run, and everything read back from MLflow alone.

By default the store is SQLite at ``HOME/ledger/mlflow.db`` with its files beside it, which are found there
also after the home was moved or copied; ``MLFLOW_TRACKING_URI`` names another store, also a remote server.
A run counts once its last tag, ``photofinish.complete``, is written; every step before it may be repeated,
so a run that was cut short is completed by logging the same record again.
"""

from leaderboards.store.ledger.annotating import all_annotations, annotate, annotation_of
from leaderboards.store.ledger.artifacts import Fetch
from leaderboards.store.ledger.fetching import fetch
from leaderboards.store.ledger.mending import Mended, mend
from leaderboards.store.ledger.reading import Entry, finals, known_spec, records
from leaderboards.store.ledger.store import COMPLETE, Ledger, explained, open_ledger
from leaderboards.store.ledger.writing import SpecOf, log, log_final

__all__ = [
    "COMPLETE",
    "Entry",
    "Fetch",
    "Ledger",
    "Mended",
    "SpecOf",
    "all_annotations",
    "annotate",
    "annotation_of",
    "explained",
    "fetch",
    "finals",
    "known_spec",
    "log",
    "log_final",
    "mend",
    "open_ledger",
    "records",
]

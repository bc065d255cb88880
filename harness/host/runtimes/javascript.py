"""A submission in JavaScript, which ``browser.py`` runs in a page: a folder with ``submission.js``."""

from . import Runtime

RUNTIME = Runtime("JavaScript", marker="submission.js", page=True)

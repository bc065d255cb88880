"""A submission in Python, which ``main.py`` imports itself: a file or a folder with ``submission.py``."""

from . import Runtime

RUNTIME = Runtime(
    "Python", endings=(".py",), marker="submission.py", packages=("numpy", "scipy", "opencv-python-headless")
)

"""What runs inside the sandbox: standard library and NumPy, plus one adapter a runtime.

``main.py`` is started by file in the worker's environment and imports nothing of this project by
name; ``codec.py`` is the one file both sides use.
"""

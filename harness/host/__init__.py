"""What runs inside the sandbox: the hosts of Python and of JavaScript, and one adapter a runtime.

It uses the standard library and NumPy, and nothing else of the project: ``main.py`` and ``browser.py`` are
started by file in the worker's environment. ``codec.py`` and ``runtimes/`` are read by the harness too.
"""

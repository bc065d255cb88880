"""How a process is isolated: backends, what they enforce, and the running sandbox seen from outside.

``choose()`` returns the strongest backend that works here; its ``launch`` starts a command inside.
Nothing here knows what a submission is.
"""

from harness.sandbox.backends import all_backends, choose

__all__ = ["all_backends", "choose"]

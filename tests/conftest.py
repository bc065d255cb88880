"""What every room's tests need of the process they run in."""

import signal

# A shell starts background commands with Ctrl-C ignored, and so would every process a test starts.
signal.signal(signal.SIGINT, signal.default_int_handler)

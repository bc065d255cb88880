"""Task ``drift``: predict a span, then be taught its labels; the stream changes."""

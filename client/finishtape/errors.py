"""What can go wrong, in one exception."""


class Failed(Exception):
    """Photofinish could not do what was asked; the message is the line that it gave as the reason."""

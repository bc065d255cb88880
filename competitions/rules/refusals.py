"""What is refused to a participant, with words for people and the status that HTTP has for it."""

from __future__ import annotations

from typing import ClassVar

from harness.spec.errors import UserError


class Refused(UserError):
    """A request that the rules do not allow; its message is shown to whoever made it."""

    status: ClassVar[int] = 400


class NotSignedIn(Refused):
    """Nobody is signed in, or the token is not known."""

    status = 401


class Forbidden(Refused):
    """Not allowed for this account, or not at this time."""

    status = 403


class NotFound(Refused):
    """There is no such thing, or none that this account may see."""

    status = 404


class TooLarge(Refused):
    """More bytes than the limit."""

    status = 413


class TooMany(Refused):
    """Too many requests; ``retry_s`` is when to try again."""

    status = 429

    def __init__(self, message: str, retry_s: float) -> None:
        self.retry_s = retry_s
        super().__init__(message)

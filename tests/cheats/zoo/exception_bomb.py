"""Log viewers: megabytes of terminal escapes in a message that somebody will read."""

WANTS = "loud message"
ENDS = "failed"


class Loud(Exception):
    def __str__(self):
        return "\x1b[2J\x1b]0;owned\x07" * 1_000_000


def build(context):
    raise Loud

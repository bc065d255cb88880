"""Look-alike names: the shipped entries' team is written in full width."""

WANTS = "name"
ENDS = "invalid"
ROUND = "name"
MEMBERS = {"team": "\uff30\uff28\uff2f\uff34\uff2f\uff26\uff29\uff2e\uff29\uff33\uff28"}

"""Look-alike names: the shipped entries' team is written with a character of no width."""

WANTS = "name"
ENDS = "invalid"
ROUND = "name"
MEMBERS = {"team": "photo\u200bfinish"}

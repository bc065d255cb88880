"""Look-alike names: the shipped entries' team is written with two Cyrillic letters."""

WANTS = "name"
ENDS = "invalid"
ROUND = "name"
MEMBERS = {"team": "ph\u043et\u043efinish"}

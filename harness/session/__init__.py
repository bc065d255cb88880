"""One live process of a submission: its start, its requests and replies, its log and its faults.

Walls belong to ``sandbox``, what runs inside to ``host``, readings from outside to ``probes``; this room owns
the clock.
"""

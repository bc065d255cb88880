"""How two submissions are timed in turns: run plan, schedule, process pairs, rounds, calibration, comparison.

The clock itself belongs to ``session``, and what times and answers amount to belongs to ``scoring``.
"""

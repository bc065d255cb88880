"""The commands of ``run_bench.py``: the one room that knows every other."""

"""Untimed diagnostic runs beside the measured ones: memory over time, pipelined queries, LoadGen.

Nothing here ranks.
"""

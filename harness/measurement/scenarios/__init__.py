"""Scenarios that need a run of their own: the rate that a server holds, and LoadGen.

single_stream, multi_stream and offline are ways to divide a block into requests: see ``schedule``.
"""

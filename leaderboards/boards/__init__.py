"""Boards as values: rows, columns, prizes, the close of a competition, rank changes.

Pure functions of records and of other boards. Databases are in ``store``, layout is in ``views`` and ``web``.
"""

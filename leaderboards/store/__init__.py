"""Where records and boards are kept: the ledger (MLflow) and the index (SQL tables), and publishing to both.

How a board is ranked is decided in ``ranking``; what a row says, in ``boards``.
"""

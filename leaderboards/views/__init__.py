"""Boards, records and tables laid out for the terminal, and as CSV, JSON and Markdown.

Views get finished values and read nothing themselves. HTML is in ``web``.
"""

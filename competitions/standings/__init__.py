"""Boards of competitions: ranks from the scores that are shown, and from private scores after the close."""

"""Competitions: rules that a host writes in a file, teams, a queue of submissions, boards, and a fair close.

``rules`` are values and pure functions; ``store`` keeps people and submissions; ``queue`` accepts them and
hands them out; ``evaluation`` runs them; ``standings`` ranks and closes; ``api`` answers HTTP.
"""

"""From what a run left behind to what a record says: metrics, measures, validity, rescoring.

Nothing here starts a process or opens a session. What a metric means belongs to its task.
"""

"""Pictures of a run for the record's folder: latencies, memory over time, the course of a training.

What a page draws itself belongs to ``leaderboards/web``; pictures of answers belong to their task.
"""

"""Pictures four times as large: the task, what it asks, how answers are judged and shown."""

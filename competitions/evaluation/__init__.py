"""How submissions are rehearsed and scored: code on a task, predictions against a hidden solution."""

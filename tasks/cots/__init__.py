"""Crown-of-thorns starfish detection: the task and the pictures of its examples."""

"""Person segmentation: the task; its metrics are in ``tasks/metrics/masks.py``."""

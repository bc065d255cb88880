"""Where data comes from: one file or one folder per dataset, verified by checksums.

A dataset declares its variants and a recipe for each (``recipes``); the cache builds it (``cache``).
Tasks, metrics and submissions do not belong here.
"""

"""Reads a sandbox from outside: memory peaks, CPU time, threads, size; nothing the contestant says."""

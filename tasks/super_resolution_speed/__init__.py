"""The second prize of super-resolution: fidelity for each millisecond."""

"""Evaluations on other machines: what a machine is, how a request reaches it, and how its record is signed.

``executor`` runs a request on this machine; ``ray_cluster`` and ``ray_executor`` run it on machines that
joined a Ray cluster. Ray only runs: what was submitted and what came of it is remembered in SQL.
"""

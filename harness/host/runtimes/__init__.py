"""One file a runtime: ``load(path, context)`` turns a bare model file into ``model(x) -> y``.

Each imports its runtime, and ``fitting``, which says how a query's arrays become a model's inputs.
"""

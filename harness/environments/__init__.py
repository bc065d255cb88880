"""The Python environments of submissions: what a lock file asks for, where it comes from, how it is built.

The stock environments are lock files that ship; submissions may bring others.

No code of a package runs here: wheels are checked, unpacked and compiled to bytecode, nothing more. What the
packages do when they are imported, they do in the sandbox.
"""

"""What is handed in: names and paths to tasks and submissions, archives, files that entries need.

Submissions are looked at from outside and hashed; none is imported here. What runs inside the sandbox is in
``host``; how data become ready is in ``datasets``.
"""

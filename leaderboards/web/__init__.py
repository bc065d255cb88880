"""Pages and the JSON API: boards, entries, comparisons and histories, rendered on the server.

Everything is read from the index and from record folders; nothing is written.
"""

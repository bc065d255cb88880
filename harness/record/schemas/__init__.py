"""Every schema that records were ever stored in, one file each.

A file says how the id is found and, for all but the newest, how its JSON becomes that of the next schema.
Nothing here imports the rest of the harness: what a stored file means never changes.
"""

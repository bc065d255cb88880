"""Records become boards here: ranked, stored, and shown in the terminal, in files and as pages.

Rooms, from the ground up: ``ranking``, ``boards``, ``store``, ``views``, ``web``. Nothing here measures.
"""

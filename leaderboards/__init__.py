"""Records become boards here: ranked, stored, and shown in the terminal, in files and as pages.

Rooms, from the ground up: ``ranking``, ``boards``, ``store``, ``views``, ``web``. Nothing here measures.
"""

PAGES = "http://127.0.0.1:8765"
"""Where 'serve' shows pages unless it is told otherwise."""

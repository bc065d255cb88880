"""Pages and the JSON API: boards, entries, comparisons and histories, rendered on the server."""

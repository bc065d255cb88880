"""tasks/ssl."""

"""Where data comes from: one file or folder a source, each verified by checksum."""

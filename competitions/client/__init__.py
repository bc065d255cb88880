"""The side of a participant: hands in and watches over HTTP, with nothing but the standard library."""

"""The pages of competitions, for people with a browser. They look like the pages of boards."""

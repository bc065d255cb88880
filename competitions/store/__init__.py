"""The database of competitions: people, teams, submissions, jobs and events. SQLite, or PostgreSQL by URL."""

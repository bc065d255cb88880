"""Submissions are accepted together with their jobs, and jobs are handed out fairly, under leases."""

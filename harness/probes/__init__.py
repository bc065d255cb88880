"""What is read of a sandbox and of the machine from outside; nothing that a submission reports itself."""

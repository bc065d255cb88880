"""What a host does: open a competition, disqualify, extend, close, and sign the trail of what happened."""

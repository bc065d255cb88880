"""The fine-tuned division of task ssl."""

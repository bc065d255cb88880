"""Task ``retrieval``: classes are added while the model is asked, without training."""

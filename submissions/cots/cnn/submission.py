"""Detect starfish frame by frame with a small convolutional network."""

from pathlib import Path

from detector import Detector

LEAST_CONFIDENCE = 0.52


def build(context):
    """Load the network."""
    detector = Detector(Path(__file__).parent / "model.tflite", int(context.profile["threads"]))
    return lambda x: detector.detect(x["frame"], LEAST_CONFIDENCE)

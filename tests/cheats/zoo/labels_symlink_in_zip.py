"""Malicious archives: a link among the files, pointing at the answers."""

import json
import os

import numpy as np

WANTS = "labels"
ENDS = "invalid"
PACKED = "zip"
MEMBERS = {"mine.json": ("link",)}


def build(context):
    with open(os.path.join(os.path.dirname(__file__), "mine.json")) as file:
        labels = json.load(file)["labels"]
    return lambda x: np.int64(labels[int(x["index"])])

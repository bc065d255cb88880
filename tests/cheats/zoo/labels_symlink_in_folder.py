"""Judge0, 2024 (CVE-2024-28185): a link to the answers, handed in with the entry."""

import json
import os

import numpy as np

WANTS = "labels"
ENDS = "invalid"
PACKED = "folder"
MEMBERS = {"mine.json": ("link",)}


def build(context):
    with open(os.path.join(os.path.dirname(__file__), "mine.json")) as file:
        labels = json.load(file)["labels"]
    return lambda x: np.int64(labels[int(x["index"])])

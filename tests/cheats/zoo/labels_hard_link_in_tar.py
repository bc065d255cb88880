"""tar, CVE-2007-4559 and after: a hard link to a file that the extractor may read."""

import json
import os

import numpy as np

WANTS = "labels"
ENDS = "invalid"
PACKED = "tar"
MEMBERS = {"mine.json": ("hard link",)}


def build(context):
    with open(os.path.join(os.path.dirname(__file__), "mine.json")) as file:
        labels = json.load(file)["labels"]
    return lambda x: np.int64(labels[int(x["index"])])

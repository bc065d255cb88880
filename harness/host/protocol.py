"""The tokens of the wire and the numbers of its requests and replies, the same on both sides of the sandbox.

A token is the 24 bytes that cross the pipe: nonce, kind, length of the layout, length in all. This file
imports no package, so that a host answers before any code of a submission's packages runs.
"""

from __future__ import annotations

import struct

TOKEN = struct.Struct("<QIIQ")

# Requests, then replies. A page imports these, and codec.ALIGN, from /protocol.js, which browser.py writes.
IMPORT, BUILD, QUERY, BATCH, UPDATE, PREPARE, RESUME, REPORT = 1, 2, 3, 4, 5, 6, 7, 8
DONE, ANSWER, ERROR, CHECKPOINT = 16, 17, 18, 19

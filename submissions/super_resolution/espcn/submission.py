"""A small sub-pixel network with weights of 8 bits, trained by a script of this project: video speed."""

from __future__ import annotations

from espcn import Network, coloured


def build(context):
    network = Network(context.profile["threads"])
    return lambda x: coloured(x["picture"], network.corrections(x["picture"]))

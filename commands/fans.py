"""Where trusted work is computed: over processes here, or on idle machines of a cluster."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from commands.home import home
from commands.terminal import complain

if TYPE_CHECKING:
    from harness.fanning import Fan

Machines = Annotated[
    str,
    typer.Option("--ray", metavar="HOST:PORT", help="compute on idle machines of the cluster with this head"),
]


@contextmanager
def fan_at(address: str) -> Iterator[Fan]:
    """Compute on machines of the cluster at an address in the block; over processes here where it is empty.

    Raises NotAvailable where no cluster answers there.
    """
    from harness.fanning import fanned

    if not address:
        yield fanned
        return
    from machines.machine_fan import MachineFan
    from machines.ray_cluster import RayCluster

    cluster = RayCluster(address, home())
    try:
        yield MachineFan(cluster, home(), complain)
    finally:
        cluster.close()

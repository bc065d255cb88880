"""Super-resolution's other board: the same question, ranked by fidelity gained for each millisecond."""

from __future__ import annotations

from dataclasses import replace

from tasks.super_resolution.task import task as faithful

task = replace(
    faithful,
    name="super_resolution_speed",
    title="Super-resolution by four, gain per millisecond",
    quality=replace(faithful.quality, ranked="gain_per_ms"),
    execution=replace(faithful.execution, entries=faithful.name),
    reporting=replace(
        faithful.reporting, board=replace(faithful.reporting.board, columns=("psnr_y", "gain_db"))
    ),
)

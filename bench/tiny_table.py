"""Every entry of tiny_latency as a multiple of the fastest, each in turns with the plain C loop.

.venv/harness/bin/python -m bench.tiny_table [VARIANT ...]
"""

from __future__ import annotations

import sys

from bench.tiny_duel import arena, shown
from datasets.chains import layout
from harness.intake.lookup import shipped_names
from tasks.tiny_latency import slopes

PROCESSES = 3


def table(variant: str) -> None:
    roofline = 2 * layout.SIZES[variant].multiplications / slopes.peak_gflops()
    with arena(variant, PROCESSES) as here:
        plain = here.shipped("c_plain")
        found = {}
        for name in shipped_names(here.setup.task):
            found[name] = here.meet(here.shipped(name), plain)
            print(f"{variant} {name}: {shown(found[name].ns)} ns a step", flush=True)
    known = {name: one for name, one in found.items() if one.ns and one.ratio and one.ratio[0]}
    best = min(one.ratio[0] for one in known.values() if one.ratio and one.ratio[0])
    print(f"\n{variant}: peak {slopes.peak_gflops():.0f} GFLOP/s, roofline {roofline:.4g} ns a step")
    print(f"{'entry':20}{'ns a step':>12}{'call, us':>10}{'x fastest':>11}{'x plain C':>11}{'% of peak':>11}")
    for name, one in sorted(known.items(), key=lambda pair: pair[1].ratio[0] if pair[1].ratio else 0):
        ns, ratio = (one.ns or (0.0,))[0], (one.ratio or (0.0,))[0]
        print(
            f"{name:20}{ns:12,.4g}{one.overhead_us:10.1f}{ratio / best:11.2f}{ratio:11.3f}"
            f"{100 * roofline / ns:11.2f}"
        )


def main(*variants: str) -> None:
    for variant in variants or tuple(layout.SIZES):
        table(variant)


if __name__ == "__main__":
    main(*sys.argv[1:])

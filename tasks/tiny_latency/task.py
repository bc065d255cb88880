"""Tiny-model latency: nanoseconds that one step of a small network takes, measured from outside.

After TensorFlow's new runtime (TFRT, 2021): a model of many small matrix products in sequence took 265 ns,
hand-written C++ 204 ns. At this size the harness's own microseconds drown a single call, so a query asks for
a chain of steps, and what ranks is the slope of time over the steps.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from datasets.chains import chains
from harness.interactions import Independent
from harness.spec import (
    Answer,
    BoardOptions,
    Execution,
    FromAnswers,
    FromRun,
    Growth,
    Limits,
    Metric,
    ProcessCounts,
    Quality,
    Query,
    Reporting,
    Task,
)
from tasks.tiny_latency import chains as asked
from tasks.tiny_latency import slopes

if TYPE_CHECKING:
    from harness.spec import Arrays


def examples(queries: Sequence[Query], answers: Sequence[Arrays]) -> Mapping[str, bytes]:
    """Return pictures of how wrong each number of an answer is."""
    from tasks.tiny_latency.examples import draw

    return draw(queries, answers)


METRICS = (
    Metric(
        "step_ratio",
        "×",
        "min",
        "step time",
        FromRun(slopes.step_ratio),
        "nanoseconds a step divided by the reference's, both measured in turns",
        margin=0.03,
    ),
    Metric(
        "ns_per_step",
        "ns",
        "min",
        "a step",
        FromRun(slopes.ns_per_step),
        "slope of time over the steps of longer chains, with its interval over processes",
    ),
    Metric(
        "overhead_us",
        "µs",
        "min",
        "a call",
        FromRun(slopes.overhead_us),
        "median time of a chain without steps: the intercept",
    ),
    Metric(
        "of_peak",
        "%",
        "max",
        "of peak",
        FromRun(slopes.of_peak),
        "share of the peak of one core, measured by a matrix product in float32",
    ),
    Metric(
        "roofline_ns",
        "ns",
        "min",
        "roofline",
        FromRun(slopes.roofline_ns),
        "what the arithmetic of one step takes at that peak",
    ),
    Metric(
        "error",
        "",
        "min",
        "error",
        FromAnswers(asked.largest_error, of_unit=asked.unit_errors),
        f"largest difference from float64, at most {asked.TOLERANCE:g}",
        digits=7,
    ),
)

task = Task(
    name="tiny_latency",
    version=1,
    title="Tiny-model latency",
    description=(
        "Run a chain of steps of a small network. A query holds weights, the name of the network's file in "
        "public; inputs, float32 (n, 18); the first state, float32 (width,). n differs. Step k normalises "
        "row k, (row - mean) / std, puts it before the state of step k - 1, and passes both through the "
        "layers, |x @ kernel + bias| each: that is the next state. The answer is an array "
        "(n // 1000 + 1, width): the states after each thousandth step, and the last one."
    ),
    dataset=chains,
    queries=asked.queries,
    answer=Answer(asked.check, perturb=asked.perturb),
    quality=Quality(METRICS, asked.tally, faults=asked.faults),
    interaction=Independent(shared=False),
    execution=Execution(
        reference="c_plain",
        limits=Limits(build_s=120, query_s=60, run_s=300, memory_mb=4096),
        processes=ProcessCounts(ranked=4, quick=2, rounds=1, enough_s=1.0),
        profiles=("cpu", "edge"),
        params={"answer": "float32 (n // 1000 + 1, width)"},
    ),
    reporting=Reporting(
        examples=examples,
        memory_timeline=False,
        board=BoardOptions(
            columns=("ns_per_step", "overhead_us", "of_peak"),
            growth=Growth(
                size="steps",
                unit="step",
                floor="roofline_ns",
                marks=(("TFRT in the article", 265.0), ("C++ in the article", 204.0)),
                note=(
                    "The article's two times are of another network on another machine, measured from "
                    "inside: they show the order of magnitude and are no goal. The roofline is the "
                    "arithmetic of a step at the peak of one core."
                ),
            ),
        ),
    ),
)

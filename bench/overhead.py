"""What one query costs beside the model, by four ways of asking it, interleaved in one run.

    .venv/harness/bin/python -m bench.overhead

This harness (sandbox, nonces, clock and all), LoadGen calling a Python function in its own process,
``multiprocessing``'s pickled pipe and gRPC on loopback each hand 1 KB and a 1280x720 frame to a model that
answers a constant. Everything runs on one core: a wake-up on another costs more than all of this.
"""

from __future__ import annotations

import itertools
import multiprocessing
import os
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median
from time import perf_counter_ns

import grpc
import mlperf_loadgen
import numpy as np

from harness.measurement.calibration import null_model
from harness.sandbox import choose
from harness.session.session import Session
from harness.session.settings import ExecutionSettings
from harness.spec import PROFILES, Limits

ROUNDS, QUERIES = 30, 40
SHAPES = {"1 KB": (1024,), "1280x720 frame": (720, 1280, 3)}
ANSWER = np.zeros(1, np.float32)
METHOD = "/null/answer"
LONGEST = 64 * 1024 * 1024

Way = Callable[[np.ndarray, int], list[int]]
"""Asks one array so many times; returns the nanoseconds of each."""


def copies(x: np.ndarray, count: int) -> list[int]:
    """Plain copies into memory that is already there."""
    target = np.empty_like(x)
    return one_by_one(lambda source: np.copyto(target, source))(x, count)


def one_by_one(ask: Callable[[np.ndarray], object]) -> Way:
    def measure(x: np.ndarray, count: int) -> list[int]:
        taken = []
        for _ in range(count):
            start = perf_counter_ns()
            ask(x)
            taken.append(perf_counter_ns() - start)
        return taken

    return measure


@contextmanager
def this_harness() -> Iterator[Way]:
    with tempfile.TemporaryDirectory() as public:
        settings = ExecutionSettings(choose(), PROFILES["edge"], Limits(), Path(public), {})
        with Session(settings, null_model(), seed=0) as session:
            session.start()
            session.load()
            session.build()
            yield one_by_one(session.ask)


@contextmanager
def pickled_pipe() -> Iterator[Way]:
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(target=answer_pickled, args=(theirs,), daemon=True)
    process.start()

    def ask(x: np.ndarray) -> np.ndarray:
        ours.send(x)
        return ours.recv()

    try:
        yield one_by_one(ask)
    finally:
        process.terminate()
        process.join()


def answer_pickled(connection: Connection) -> None:
    while True:
        connection.recv()
        connection.send(ANSWER)


@contextmanager
def grpc_loopback() -> Iterator[Way]:
    """Raw bytes both ways, without protobuf: gRPC at its best."""
    port: multiprocessing.Queue[int] = multiprocessing.get_context("spawn").Queue()
    process = multiprocessing.get_context("spawn").Process(target=answer_grpc, args=(port,), daemon=True)
    process.start()
    options = [("grpc.max_send_message_length", LONGEST), ("grpc.max_receive_message_length", LONGEST)]
    try:
        with grpc.insecure_channel(f"127.0.0.1:{port.get(timeout=30)}", options) as channel:
            call = channel.unary_unary(METHOD)
            yield one_by_one(lambda x: np.frombuffer(call(x.tobytes()), np.float32))
    finally:
        process.terminate()
        process.join()


def answer_grpc(port: multiprocessing.Queue[int]) -> None:
    def answer(request: bytes, _: grpc.ServicerContext) -> bytes:
        np.frombuffer(request, np.uint8)
        return ANSWER.tobytes()

    options = [("grpc.max_send_message_length", LONGEST), ("grpc.max_receive_message_length", LONGEST)]
    server = grpc.server(ThreadPoolExecutor(1), options=options)
    service, name = METHOD.strip("/").split("/")
    handlers = {name: grpc.unary_unary_rpc_method_handler(answer)}
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service, handlers),))
    port.put(server.add_insecure_port("127.0.0.1:0"))
    server.start()
    server.wait_for_termination()


def loadgen_in_process(x: np.ndarray, count: int) -> list[int]:
    """LoadGen's SingleStream: from one issue to the next is the cost of a query, its own included."""
    issued: list[int] = []

    def issue(samples: list[mlperf_loadgen.QuerySample]) -> None:
        issued.append(perf_counter_ns())
        x.copy()  # a model in the same process still has to be given the bytes
        responses = [mlperf_loadgen.QuerySampleResponse(sample.id, 0, 0) for sample in samples]
        mlperf_loadgen.QuerySamplesComplete(responses)

    settings = mlperf_loadgen.TestSettings()
    settings.scenario = mlperf_loadgen.TestScenario.SingleStream
    settings.mode = mlperf_loadgen.TestMode.PerformanceOnly
    settings.min_query_count = settings.max_query_count = count + 1
    settings.min_duration_ms = 0
    system = mlperf_loadgen.ConstructSUT(issue, lambda: None)
    library = mlperf_loadgen.ConstructQSL(1, 1, lambda _: None, lambda _: None)
    with tempfile.TemporaryDirectory() as folder:
        log = mlperf_loadgen.LogSettings()
        log.log_output.outdir = folder
        log.log_output.copy_summary_to_stdout = False
        mlperf_loadgen.StartTestWithLogSettings(system, library, settings, log)
    mlperf_loadgen.DestroyQSL(library)
    mlperf_loadgen.DestroySUT(system)
    return [later - sooner for sooner, later in itertools.pairwise(issued)]


def main() -> None:
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    with ExitStack() as stack:
        ways: dict[str, Way] = {
            "copy": copies,
            "this harness": stack.enter_context(this_harness()),
            "LoadGen, in process": loadgen_in_process,
            "pickled pipe": stack.enter_context(pickled_pipe()),
            "gRPC on loopback": stack.enter_context(grpc_loopback()),
        }
        print(f"isolation {choose().name}; median of {ROUNDS} interleaved rounds of {QUERIES} queries")
        print(f"{'':16}{'way':22}{'us a query':>12}{'x this harness':>16}")
        for name, shape in SHAPES.items():
            report(name, ways, np.random.default_rng(0).integers(0, 255, shape, dtype=np.uint8))


def report(name: str, ways: dict[str, Way], x: np.ndarray) -> None:
    taken: dict[str, list[int]] = {way: [] for way in ways}
    for _ in range(ROUNDS):
        for way, ask in ways.items():
            taken[way] += ask(x, QUERIES)
    ours = median(taken["this harness"])
    for way, times in taken.items():
        print(f"{name:16}{way:22}{median(times) / 1e3:12.1f}{median(times) / ours:16.2f}", flush=True)


if __name__ == "__main__":
    main()

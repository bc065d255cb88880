"""Task starter: say which of eight numbers is the largest. Change every part; docs/tasks.md explains them."""

import numpy as np

from datasets.recipes import Recipe, dataset, version_of_sources
from harness.interactions import Independent
from harness.spec import Answer, Execution, FromSums, Metric, Quality, Query, Reporting, Task
from harness.spec.errors import InvalidSubmission
from tasks.drawings.choice import drawn
from tasks.drawings.table import Cell, table


def write(folder, seed):  # folder/public is shown to submissions, folder/private never
    np.save(folder / "private" / "numbers.npy", np.random.default_rng(seed).random((64, 8)))


def recipe(request):  # request.source is what --from names
    key = f"mini-{request.seed}"
    return Recipe("mini", key, version_of_sources(__file__), lambda folder: write(folder, request.seed))


def queries(prepared):  # private queries are scored when the board closes
    return [
        Query(f"q{n}", f"q{n}", "public" if n % 2 else "private", lambda row=row: row, int(row.argmax()))
        for n, row in enumerate(np.load(prepared.private / "numbers.npy"))
    ]


def check(answer, query):  # the answer as tally takes it, or a message for the contestant
    if isinstance(answer, dict) or answer.shape != ():
        raise InvalidSubmission(f"{query.id}: the answer must be one number, the index of the largest")
    return answer


def tally(answer, truth):  # one row for one query; rows are added up
    return {"right": float(answer == truth), "asked": 1.0}


accuracy = FromSums(lambda sums: sums["right"] / sums["asked"])


def draw(query, answer):  # the picture of one unit, for an entry's page
    cells = (Cell(str(query.truth)), Cell(str(answer), wrong=answer != query.truth), Cell(str(query.load())))
    return {".png": table(query.id, ("largest", "named", "numbers"), [cells])}


task = Task(
    name="starter",
    version=1,
    title="Name the largest of eight numbers",
    description="A query is a float64 array (8,); an answer is the index of the largest, one number.",
    dataset=dataset("starter", "Random numbers", {"mini": "64 rows of 8 numbers"}, recipe),
    queries=queries,
    answer=Answer(check),
    quality=Quality((Metric("accuracy", "share", "max", "accuracy", accuracy),), tally),
    interaction=Independent(),
    execution=Execution(reference="reference"),
    reporting=Reporting(examples=lambda asked, answers: drawn(asked, answers, draw)),  # public ones alone
)

"""Broken homes: a damaged index, ledger, record or folder."""

from __future__ import annotations

import os
import shutil

from tests.leaderboards.broken.cases import (
    Case,
    beside,
    both,
    cut,
    folder,
    given,
    gone,
    loop,
    put,
    record,
)

REBUILT = ("2 records on 1 board",)
REBUILD = "'boards rebuild' makes it again from MLflow"
SERVE = "serve --no-worker --port {port}"
SERVED = ("serving http://127.0.0.1:{port}/",)
KEPT = "'boards rebuild' publishes those that are not on the boards"
RESTORE = "restore it from the artifacts of the record's MLflow run"
ANOTHER = "PHOTOFINISH_HOME names another folder"

INDEX = {
    "index garbage, board": Case(
        "board cots", ("{home}/index.db", "not a database"), REBUILD, put("index.db")
    ),
    "index garbage, rebuild": Case(
        "boards rebuild", (*REBUILT, "moved to {home}/index.db.damaged"), arrange=put("index.db")
    ),
    "index cut, board": Case("board cots", ("{home}/index.db",), REBUILD, cut("index.db")),
    "index cut, rebuild": Case("boards rebuild", REBUILT, arrange=cut("index.db")),
    "index empty, board": Case(
        "board cots", ("2 records are not on the boards",), "'boards rebuild'", put("index.db", b"")
    ),
    "index empty, rebuild": Case("boards rebuild", REBUILT, arrange=put("index.db", b"")),
    "index a folder, board": Case(
        "board cots", ("no records of cots",), "boards rebuild", folder("index.db")
    ),
    "index a folder, rebuild": Case("boards rebuild", REBUILT, arrange=folder("index.db")),
    "index a loop, board": Case(
        "board cots", ("2 records are not on the boards",), "'boards rebuild'", loop("index.db")
    ),
    "index a loop, rebuild": Case("boards rebuild", REBUILT, arrange=loop("index.db")),
    "index gone, board": Case(
        "board cots", ("2 records are not on the boards",), "'boards rebuild'", gone("index.db")
    ),
    "index gone, rebuild": Case("boards rebuild", REBUILT, arrange=gone("index.db")),
    "index garbage, serve": Case(SERVE, ("{home}/index.db", "not a database"), REBUILD, put("index.db")),
    "index cut, serve": Case(SERVE, ("{home}/index.db",), REBUILD, cut("index.db")),
    "index empty, serve": Case(SERVE, SERVED, arrange=put("index.db", b"")),
    "index a folder, serve": Case(SERVE, ("{home}/index.db",), REBUILD, folder("index.db")),
    "index gone, serve": Case(SERVE, SERVED, arrange=gone("index.db")),
    "ledger garbage, index gone, serve": Case(
        SERVE,
        ("{home}/ledger/mlflow.db", "Nothing is lost", *SERVED),
        arrange=both(put("ledger/mlflow.db"), gone("index.db")),
    ),
    "index url nonsense": Case(
        "board cots",
        ("PHOTOFINISH_INDEX_URL", "nonsense"),
        "sqlite:///FILE",
        variables={"PHOTOFINISH_INDEX_URL": "nonsense"},
    ),
    "index url unknown kind": Case(
        "board cots",
        ("PHOTOFINISH_INDEX_URL", "foo://bar"),
        "sqlite:///FILE",
        variables={"PHOTOFINISH_INDEX_URL": "foo://bar"},
    ),
    "index url out of reach": Case(
        "board cots",
        ("127.0.0.1:9",),
        "look at PHOTOFINISH_INDEX_URL",
        variables={"PHOTOFINISH_INDEX_URL": "postgresql://127.0.0.1:9/x"},
    ),
}
LEDGER = {
    "ledger garbage": Case(
        "boards rebuild",
        ("{home}/ledger/mlflow.db", "move it away", "Nothing is lost"),
        KEPT,
        put("ledger/mlflow.db"),
    ),
    "ledger cut": Case("boards rebuild", ("{home}/ledger/mlflow.db",), KEPT, cut("ledger/mlflow.db")),
    "ledger a folder": Case("boards rebuild", ("{home}/ledger/mlflow.db",), KEPT, folder("ledger/mlflow.db")),
    "ledger gone": Case("boards rebuild", REBUILT, arrange=gone("ledger/mlflow.db")),
    "ledger folder a file": Case("boards rebuild", ("{home}/ledger",), "mend it", put("ledger")),
    "ledger lock a folder": Case(
        "boards rebuild", ("{home}/ledger/mlflow.db",), KEPT, folder("ledger/mlflow.db-lock")
    ),
    "server nonsense": Case(
        "boards rebuild",
        ("the ledger foo://x",),
        "look at MLFLOW_TRACKING_URI",
        variables={"MLFLOW_TRACKING_URI": "foo://x"},
    ),
}
AB12 = "ab12cd34ef56/record.json"
RECORDS = {
    "record garbage, rebuild": Case("boards rebuild", (*REBUILT, AB12, RESTORE), arrange=record(b"garbage")),
    "record garbage, show": Case("show ab12", (AB12, "not a record"), RESTORE, record(b"garbage")),
    "record empty": Case("show ab12", (AB12,), RESTORE, record(b"")),
    "record nested": Case("show ab12", (AB12,), RESTORE, record(b"[" * 100_000)),
    "record of the future": Case(
        "show ab12", (AB12, "schema 99"), "update Photofinish", record(b'{"schema": 99}')
    ),
    "record of nothing": Case("show ab12", (AB12, "field 'task'"), RESTORE, record(b'{"schema": 2}')),
    "record binary": Case("show ab12", (AB12,), RESTORE, record(bytes(range(256)))),
    "rows garbage": Case("show cnn --worst 3", ("/rows.npz",), RESTORE, beside("rows.npz", b"garbage")),
    "rows empty": Case("show cnn --worst 3", ("/rows.npz",), RESTORE, beside("rows.npz", b"")),
    "draws garbage, rebuild": Case("boards rebuild", REBUILT, arrange=beside("bootstrap.npz", b"garbage")),
    "records a file": Case(
        "board cots",
        ("cnn",),
        arrange=lambda home, other: (shutil.move(home / "records", other), put("records")(home, other)),
    ),
}
HOMES = {
    "home a file": Case(
        "data {tiny}", ("{other}/home",), ANOTHER, given("home"), {"PHOTOFINISH_HOME": "{other}/home"}
    ),
    "home below a file": Case(
        "data {tiny}",
        ("{other}/home/deep",),
        ANOTHER,
        given("home"),
        {"PHOTOFINISH_HOME": "{other}/home/deep"},
    ),
    "home not writable": Case(
        "data {tiny}", ("/proc/photofinish",), ANOTHER, variables={"PHOTOFINISH_HOME": "/proc/photofinish"}
    ),
    "home a loop": Case(
        "data {tiny}",
        ("{other}/home",),
        ANOTHER,
        lambda home, other: (other / "home").symlink_to("home"),
        {"PHOTOFINISH_HOME": "{other}/home"},
    ),
    "home a file, run": Case(
        "run {tiny} honest", ("{other}/home",), ANOTHER, given("home"), {"PHOTOFINISH_HOME": "{other}/home"}
    ),
    "home a file, board": Case(
        "board cots", ("{other}/home",), ANOTHER, given("home"), {"PHOTOFINISH_HOME": "{other}/home"}
    ),
    "home a file, rebuild": Case(
        "boards rebuild", ("{other}/home",), ANOTHER, given("home"), {"PHOTOFINISH_HOME": "{other}/home"}
    ),
    "data a file": Case("data {tiny}", ("{home}/data",), "name another home", put("data")),
    "competitions garbage": Case(
        "worker --drain",
        ("{home}/competitions/competitions.db",),
        "put it back from a backup",
        put("competitions/competitions.db"),
    ),
    "competitions a folder": Case(
        "worker --drain",
        ("{home}/competitions/competitions.db",),
        "put it back from a backup",
        folder("competitions/competitions.db"),
    ),
    "competitions url nonsense": Case(
        "worker --drain",
        ("PHOTOFINISH_COMPETITIONS_URL", "nonsense"),
        "unset it",
        variables={"PHOTOFINISH_COMPETITIONS_URL": "nonsense"},
    ),
    "key garbage": Case(
        "data {tiny} --sealed",
        ("{home}/data/keys/numbers-mini",),
        "put it back from a backup",
        put("data/keys/numbers-mini", b"\xff"),
    ),
    "key a pipe": Case(
        "data {tiny} --open-key",
        ("{home}/data/keys/numbers-mini", "a pipe"),
        "mend it",
        both(put("data/keys/x"), lambda home, other: os.mkfifo(home / "data/keys/numbers-mini")),
    ),
    "machines garbage": Case(
        "machines list",
        ("{home}/machines/enrolled.json is damaged",),
        "enrol again",
        put("machines/enrolled.json"),
    ),
    "machines a folder": Case(
        "machines list", ("{home}/machines/enrolled.json",), "mend it", folder("machines/enrolled.json")
    ),
    "no folder for temporary files": Case(
        "try {tiny} honest",
        ("No usable temporary directory",),
        "TMPDIR",
        variables={"TMPDIR": "{other}/none"},
    ),
}
CASES = {**INDEX, **LEDGER, **RECORDS, **HOMES}

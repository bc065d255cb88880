"""The ledger against real MLflow stores: complete, repeatable, mended after a kill, served remotely."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from harness.record import Record, read_record
from leaderboards.boards.spec import BoardSpec
from leaderboards.store import ledger

ROOT = Path(__file__).parents[3]
HOSTILE = [
    "<script>alert(1)</script>",
    "../../etc/passwd",
    "\u202egnp.exe",
    "x" * 10_000,
    "a/b:c.d%e'f\"g",
    "",
    "\x00",
]


@pytest.fixture
def store(home: Path) -> ledger.Ledger:
    return ledger.open_ledger(home)


def runs(store: ledger.Ledger) -> list:
    experiments = [experiment.experiment_id for experiment in store.client.search_experiments()]
    return list(store.client.search_runs(experiments))


def record_of(folder: Path) -> Record:
    return read_record(folder)


def test_a_run_says_everything_the_record_does(
    store: ledger.Ledger, make_record, cots_spec: BoardSpec
) -> None:
    folder = make_record("cnn", 0.7, team="reds", state="provisional", reasons=("a quick run",))
    run = store.client.get_run(ledger.log(store, folder, cots_spec))
    assert run.info.run_name == f"cnn {folder.name[:8]}"
    assert run.info.status == "FINISHED"
    assert run.info.end_time - run.info.start_time == 12_500
    assert run.info.start_time == 1_772_323_200_000  # 2026-03-01 00:00 UTC
    assert run.data.metrics["f2"] == 0.7
    assert run.data.metrics["f2.low"] == 0.7 - 0.04
    assert "latency_p99_ms" not in run.data.metrics
    assert run.data.params["profile"] == "cpu"
    assert run.data.params["data_sha256"] == "d" * 64
    tags = {key.removeprefix("photofinish."): value for key, value in run.data.tags.items()}
    assert tags["validity"] == "provisional"
    assert tags["reasons"] == "a quick run"
    assert tags["team"] == tags["mlflow.user"] == "reds"
    assert tags["mlflow.source.name"] == "photofinish run cots"
    assert tags["isolation"] == "bubblewrap"
    assert tags["complete"] == folder.name
    assert store.client.get_experiment(run.info.experiment_id).name == "cots"


def test_the_files_of_a_submission_are_those_of_its_model(
    store: ledger.Ledger, make_record, home: Path
) -> None:
    folder = make_record("cnn", 0.7)
    kept = home / "submissions" / record_of(folder).submission.sha256 / "cnn"
    kept.mkdir(parents=True)
    (kept / "submission.py").write_text("def build(context): ...\n")
    run = store.client.get_run(ledger.log(store, folder))
    model = store.client.get_logged_model(run.inputs.model_inputs[0].model_id)
    files = Path(model.artifact_location.removeprefix("file://")) / "cnn" / "submission.py"
    assert files.read_text() == "def build(context): ...\n"


def test_dataset_and_model_are_logged_as_mlflow_3_wants_them(store: ledger.Ledger, make_record) -> None:
    first, second = (
        store.client.get_run(ledger.log(store, make_record("cnn", 0.7, minute=minute))) for minute in (0, 1)
    )
    dataset = first.inputs.dataset_inputs[0].dataset
    assert (dataset.name, dataset.digest) == ("reef-mini", "d" * 16)
    models = {run.inputs.model_inputs[0].model_id for run in (first, second)}
    assert len(models) == 1
    model = store.client.get_logged_model(models.pop())
    assert (model.name, str(model.status), model.model_type) == ("cnn", "READY", "python")
    assert {(metric.key, metric.dataset_name) for metric in model.metrics} >= {("f2", "reef-mini")}


def test_every_file_is_an_artifact_but_private_ones(store: ledger.Ledger, make_record) -> None:
    folder = make_record("cnn", 0.7)
    (folder / "private.json").write_text('{"f2": 0.123456}')
    (folder / "plots" / "private_curve.png").write_bytes(b"secret")
    run_id = ledger.log(store, folder)
    names = {item.path for item in store.client.list_artifacts(run_id)}
    assert names == {
        "record.json",
        "rows.npz",
        "bootstrap.npz",
        "answers.npz",
        "latencies.csv",
        "log.txt",
        "plots",
        "photofinish-files.json",
    }
    assert [item.path for item in store.client.list_artifacts(run_id, "plots")] == ["plots/latency.png"]
    assert "0.123456" not in str(store.client.get_run(run_id).to_dictionary())


def test_answers_to_private_units_stay_at_home(store: ledger.Ledger, make_record, tmp_path: Path) -> None:
    folder = make_record("cnn", 0.7)
    answers = {"u1": np.ones(5), "u2|boxes": np.ones(4), "secret": np.ones(3), "other|boxes": np.ones(2)}
    np.savez(folder / "answers.npz", **answers)
    run_id = ledger.log(store, folder)
    with np.load(store.client.download_artifacts(run_id, "answers.npz", str(tmp_path))) as logged:
        assert sorted(logged.files) == ["u1", "u2|boxes"]
        assert logged["u2|boxes"].tolist() == [1, 1, 1, 1]
    assert len(np.load(folder / "answers.npz").files) == 4


def test_a_failed_record_is_a_failed_run(store: ledger.Ledger, make_record) -> None:
    folder = make_record("crash", status="out_of_memory", state="invalid", message="beyond 512 MB in build")
    run = store.client.get_run(ledger.log(store, folder))
    assert run.info.status == "FAILED"
    assert run.data.tags["photofinish.status"] == "out_of_memory"
    assert run.data.tags["photofinish.message"] == "beyond 512 MB in build"


def test_logging_again_changes_nothing(store: ledger.Ledger, make_record) -> None:
    folder = make_record("cnn", 0.7)
    assert ledger.log(store, folder) == ledger.log(store, folder)
    assert len(runs(store)) == 1


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_stay_text(store: ledger.Ledger, home: Path, make_record, name: str) -> None:
    folder = make_record(name, 0.7, team=name, message=name, reasons=(name,), task=name or "cots")
    before = {path for path in home.parent.rglob("*") if (home / "ledger") not in path.parents}
    run = store.client.get_run(ledger.log(store, folder))
    assert len(run.info.run_name) <= 48
    assert run.info.run_name.isprintable()
    assert {path for path in home.parent.rglob("*") if (home / "ledger") not in path.parents} == before
    assert [entry.record for entry in ledger.records(store)] == [record_of(folder)]


def test_metric_names_mlflow_refuses_are_written_otherwise(store: ledger.Ledger, make_record) -> None:
    folder = make_record("cnn", 0.7)
    record = record_of(folder)
    odd = {**record.metrics, "mAP@[.5:.95] %": record.metrics["ap"], "../x": record.metrics["ap"]}
    record = record.model_copy(update={"metrics": odd}).sealed()
    folder = folder.rename(folder.with_name(record.id))
    (folder / "record.json").write_bytes(record.to_bytes())
    metrics = store.client.get_run(ledger.log(store, folder)).data.metrics
    assert metrics["mAP__.5_.95_ _"] == 0.4
    assert metrics["_/x"] == 0.4


def test_everything_is_read_back_from_mlflow_alone(
    store: ledger.Ledger, home: Path, make_record, cots_spec: BoardSpec
) -> None:
    folders = [make_record("a", 0.7), make_record("b", status="failed", state="invalid", message="boom")]
    files = {
        folder.name: {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file()} for folder in folders
    }
    records = {folder.name: record_of(folder) for folder in folders}
    for folder in folders:
        ledger.log(store, folder, cots_spec)
    shutil.rmtree(home / "records")
    found = {entry.record.id: entry for entry in ledger.records(ledger.open_ledger(home))}
    assert {name: entry.record for name, entry in found.items()} == records
    for name, entry in found.items():
        assert entry.spec == cots_spec
        assert {file: entry.fetch(file) for file in files[name]} == files[name]
        assert entry.fetch("nothing.npz") is None
    assert (found[folders[0].name].fetch("plots/latency.png") or b"").startswith(b"\x89PNG")


def test_an_unreadable_record_is_told_and_stops_nothing(
    store: ledger.Ledger, home: Path, make_record
) -> None:
    good, bad = make_record("good", 0.7), make_record("bad", 0.6)
    (bad / "record.json").write_text((bad / "record.json").read_text().replace("0.6", "0.9"))
    mended = ledger.mend(store, home / "records")
    assert mended.logged == (good,)
    assert f"{bad.name}/record.json: these bytes are" in mended.unreadable[bad]


def test_a_run_begun_whose_record_is_gone_is_dropped(store: ledger.Ledger, home: Path, make_record) -> None:
    folder = make_record("cnn", 0.7)
    run_id = ledger.log(store, folder)
    store.client.delete_tag(run_id, ledger.COMPLETE)
    shutil.rmtree(folder)
    assert list(ledger.records(store)) == []
    ledger.mend(store, home / "records")
    assert runs(store) == []

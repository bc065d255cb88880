"""Run by the worker's Python: ``ssl_in_the_worker.py CHECK FOLDER ENTRIES``, the last one JSON: name -> path.

Each check prints 'ok' at its end.
"""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np

STEPS = 6


def context(folder, steps=STEPS, shape=(8, 8, 1), count=64, accelerator="none", seed=0, **params):
    public, workdir = folder / "public", folder / "workdir"
    public.mkdir(parents=True, exist_ok=True)
    workdir.mkdir(exist_ok=True)
    images = np.random.default_rng(5).integers(0, 256, (count, *shape), np.uint8)
    np.savez(public / "pool.npz", images=images)
    (public / "about.json").write_text(json.dumps({"steps": steps, "seconds": 60}))
    profile = {"accelerator": accelerator, "threads": 2}
    return SimpleNamespace(
        public=str(public), workdir=str(workdir), seed=seed, profile=profile, params=params
    )


def trained(training):
    while True:
        try:
            next(training)
        except StopIteration as end:
            return end.value


def embedded(model, count=20, shape=(8, 8, 1)):
    return model(np.random.default_rng(6).integers(0, 256, (count, *shape), np.uint8))


def views(folder):
    import tensorflow as tf

    shared = importlib.import_module("ssl_views")
    for channels in (1, 3):
        images = tf.random.stateless_uniform((16, 32, 32, channels), (0, 1))
        view = tf.function(lambda seed, images=images: shared.augment(images, seed, images.shape[-1] == 3))
        one, same, other = (view(tf.constant(seed)).numpy() for seed in ((1, 2), (1, 2), (1, 3)))
        assert (one == same).all()
        assert not (one == other).all(axis=(1, 2, 3)).any()
        assert one.shape == images.shape and one.min() >= 0 and one.max() <= 1
        shared.check_views(one, other)
        assert raised(shared.check_views, one, same).startswith("identical views: 100%")


def raised(function, *args):
    try:
        function(*args)
    except ValueError as error:
        return str(error)
    raise AssertionError("nothing was raised")


def resumes(folder):
    simclr = entry("simclr")
    training = importlib.import_module("ssl_training")
    training.SAVE_S, training.CHECKPOINTS = -1.0, STEPS
    whole = embedded(trained(simclr.build(context(folder / "whole"))))
    again = embedded(trained(simclr.build(context(folder / "again"))))
    other = embedded(trained(simclr.build(context(folder / "other", seed=1))))
    assert (whole["embedding"] == again["embedding"]).all()
    assert (whole["embedding"] != other["embedding"]).any()
    interrupted = simclr.build(context(folder / "cut"))
    for _ in range(4):
        model = next(interrupted)
    interrupted.close()
    assert model.counts["steps"] == 4
    assert (embedded(model)["embedding"] != whole["embedding"]).any()
    resumed = embedded(trained(simclr.build(context(folder / "cut"))))
    assert resumed["steps"] == STEPS
    assert (resumed["embedding"] == whole["embedding"]).all()


def full(folder):
    from ssl_losses import contrast
    from ssl_networks import encoder, mlp
    from ssl_training import Setting, pretrain

    asked = context(folder, steps=2, shape=(32, 32, 3), count=8)
    setting = Setting(asked)
    setting.use_full_recipe()
    setting.steps, setting.batch = 2, 8
    network = encoder(setting)
    assert 11e6 < network.count_params() < 11.5e6, "ResNet-18"
    head = mlp(network.output_shape[1], (256, 128))
    model = trained(pretrain(setting, network, [head], contrast(head, 0.2)))
    answer = embedded(model, 3, (32, 32, 3))
    assert answer["embedding"].shape == (3, 512)
    assert np.isfinite(answer["embedding"]).all()


def entries(folder):
    for name in ("random_encoder", "simclr", "simsiam", "barlow_twins", "vicreg", "strong"):
        made = entry(name).build(context(folder / name))
        answer = embedded(trained(made) if hasattr(made, "__next__") else made)
        assert answer["embedding"].ndim == 2 and len(answer["embedding"]) == 20, name
        assert np.isfinite(answer["embedding"]).all(), name
        assert answer["parameters"] > 0, name


def tuned(folder):
    labels = {"labelled": list(range(20)), "labels": [k % 10 for k in range(20)]}
    for name in ("scratch", "scratch_augmented", "simclr_tuned"):
        answer = embedded(trained(entry(name).build(context(folder / name, **labels))))
        assert answer["scores"].shape == (20, 10), name
        assert np.isfinite(answer["scores"]).all(), name


def entry(name):
    """Import an entry as the host does: its own folder comes last on the path."""
    folder = Path(ENTRIES[name])
    sys.path.append(str(folder))
    spec = importlib.util.spec_from_file_location(name, folder / "submission.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    check, ENTRIES = sys.argv[1], json.loads(sys.argv[3])
    sys.path.append(ENTRIES["simclr"])
    {f.__name__: f for f in (views, resumes, full, entries, tuned)}[check](Path(sys.argv[2]))
    print("ok")

"""compose.yaml and the manifest for KubeRay are valid YAML, and say what the code expects."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml
from typer.main import get_command

from machines.joining import HOME, MACHINE, PROFILES, authentication
from run_bench import app

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def compose() -> Any:
    return yaml.safe_load((ROOT / "compose.yaml").read_text())


@pytest.fixture(scope="module")
def kuberay() -> Any:
    return yaml.safe_load((ROOT / "deploy" / "kuberay.yaml").read_text())


def parsed(words: list[str]) -> None:
    """Parse a command line of ours; raises where a command, an option or a value is not known."""
    command: Any = get_command(app)
    context = typer.Context(command, info_name="photofinish")
    while hasattr(command, "commands"):
        command = command.commands[words.pop(0)]
        context = typer.Context(command, parent=context, info_name=command.name)
    command.parse_args(context, words)


def test_every_service_runs_a_command_that_exists(compose: Any) -> None:
    for name, service in compose["services"].items():
        words = service["command"]
        if name == "machine":
            (script,) = words
            words = script.strip().splitlines()[-1].partition("run_bench.py ")[2]
        parsed(shlex.split(words))
        assert service["build"]["args"] == {"EXTRA": "ray"}


def test_only_the_pages_have_a_port_and_it_is_this_computers(compose: Any) -> None:
    ports = {name: service.get("ports", []) for name, service in compose["services"].items()}
    assert [name for name, given in ports.items() if given] == ["server"]
    assert all(port.startswith("127.0.0.1:") for port in ports["server"])


def test_volumes_are_declared_and_a_machine_does_not_see_the_hosts_home(compose: Any) -> None:
    for name, service in compose["services"].items():
        for volume in service["volumes"]:
            source = volume["source"] if isinstance(volume, dict) else volume.partition(":")[0]
            assert source in compose["volumes"]
            if name == "machine" and source == "host":
                assert volume["read_only"]
                assert volume["volume"]["subpath"] == "machines"


def test_a_pod_is_a_machine_as_join_makes_one(kuberay: Any) -> None:
    assert (kuberay["apiVersion"], kuberay["kind"]) == ("ray.io/v1", "RayCluster")
    locked = (ROOT / "requirements" / "ray.lock").read_text()
    assert f"ray=={kuberay['spec']['rayVersion']} " in locked
    (group,) = kuberay["spec"]["workerGroupSpecs"]
    assert json.loads(json.loads(group["rayStartParams"]["resources"])) == {MACHINE: 1}
    (machine,) = group["template"]["spec"]["containers"]
    (head,) = kuberay["spec"]["headGroupSpec"]["template"]["spec"]["containers"]
    for container in (machine, head):
        told = {each["name"]: each["value"] for each in container["env"]}
        assert set(authentication(Path("/home"))) <= set(told)
        assert told["RAY_AUTH_MODE"] == authentication(Path("/home"))["RAY_AUTH_MODE"]
        mounted = {each["name"] for each in container["volumeMounts"]}
        pod = (
            group["template"]["spec"]
            if container is machine
            else kuberay["spec"]["headGroupSpec"]["template"]["spec"]
        )
        assert mounted == {each["name"] for each in pod["volumes"]}
    told = {each["name"]: each["value"] for each in machine["env"]}
    assert {HOME, PROFILES, "PYTHONPATH"} <= set(told)
    assert machine["resources"]["requests"] == machine["resources"]["limits"]
    assert int(machine["resources"]["limits"]["cpu"]) >= 1

"""Models by profile and runtime: what stands in one table, and how it is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from rich.console import Console
from starlette.testclient import TestClient

from leaderboards.boards.profile_table import ProfileTable, profile_table
from leaderboards.store import index
from leaderboards.views.export import profile_table_to_markdown
from leaderboards.views.profile_table import profile_table_view
from leaderboards.web.app import create_app

RUNTIMES = (("_wasm", "WASM"), ("_webgl", "WebGL"))


@pytest.fixture
def filled(
    make_record: Callable[..., Path], add: Callable[..., bool], cots_spec: Any, engine: sa.Engine
) -> sa.Engine:
    spec = replace(cots_spec, runtimes=RUNTIMES)
    for name, profile, f2, ratio in (
        ("cnn", "cpu", 0.7, 1.0),
        ("cnn", "edge", 0.7, 2.0),
        ("cnn_wasm", "browser", 0.69, 4.0),
        ("cnn_webgl", "browser", 0.68, 10.0),
        ("b|ob", "cpu", 0.5, 0.5),
    ):
        add(make_record(name, f2, profile=profile, ratio=ratio), spec)
    add(make_record("cnn", 0.9, profile="cpu", variant="full"), spec)
    add(make_record("broken", profile="cpu", status="failed", state="invalid"), spec)
    return engine


def found(engine: sa.Engine) -> ProfileTable:
    key = next(one.key for one in index.listings(engine, "cots", "cpu", "mini"))
    return profile_table(index.all_profiles(engine, key), key)


def test_each_record_stands_at_its_model_profile_and_runtime(filled: sa.Engine) -> None:
    table = found(filled)
    assert table.models == ("b|ob", "cnn")
    assert table.settings == (("browser", "WASM"), ("browser", "WebGL"), ("cpu", ""), ("edge", ""))
    assert [table.speed_and_score("cnn", setting) for setting in table.settings] == [
        ("25.0", "0.690"),
        ("10.0", "0.680"),
        ("100", "0.700"),
        ("50.0", "0.700"),
    ]
    assert table.speed_and_score("b|ob", ("edge", "")) == ("", "")


def test_markdown_and_terminal_say_the_same(filled: sa.Engine) -> None:
    table = found(filled)
    lines = profile_table_to_markdown(table).splitlines()
    assert lines[-1] == "| cnn | 25.0 · 0.690 | 10.0 · 0.680 | 100 · 0.700 | 50.0 · 0.700 |"
    assert lines[-2] == r"| b\|ob |  |  | 200 · 0.500 |  |"
    console = Console(width=100, record=True)
    console.print(profile_table_view(table))
    text = console.export_text()
    for word in ("browser", "WebGL", "25.0 0.690", "200 0.500"):
        assert word in text


def test_the_page_shows_it(filled: sa.Engine, tmp_path: Path) -> None:
    client = TestClient(create_app(tmp_path / "home"))
    page = client.get(f"/boards/{found(filled).key.id}/table")
    assert page.status_code == 200
    for word in ("WebGL", "25.0", "0.690", "b|ob"):
        assert word in page.text
    assert "broken" not in page.text
    assert client.get("/boards/0123456789abcdef/table").status_code == 404

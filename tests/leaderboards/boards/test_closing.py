"""What a close says where nothing can be ranked."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.spec.errors import UserError
from leaderboards.boards import closing
from leaderboards.boards.board import Board


def test_a_close_without_private_values_names_the_metric_as_the_board_does(
    make_record: Callable[..., object], add: Callable[..., bool], cots: Callable[..., Board]
) -> None:
    add(make_record("cnn", 0.7))
    with pytest.raises(
        UserError, match=r"no record of cots has a private value of 'F2': its answers are not"
    ):
        closing.close(cots(), {}, {}, "2026-01-01T00:00:00+00:00")

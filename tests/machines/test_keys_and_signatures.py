"""Keys, signatures and enrolment: nothing that another made, changed or replayed is taken for a machine's."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.spec.errors import BadData, NotAvailable, UnknownName, UserError
from machines.enrolment import Enrolment
from machines.keys import is_signed, machine_key
from machines.signatures import SIGNATURE, sign_folder, signer_of


def test_a_machine_keeps_one_key_that_only_its_user_reads(tmp_path: Path) -> None:
    key = machine_key(tmp_path / "machines")
    assert machine_key(tmp_path / "machines").public == key.public
    assert machine_key(tmp_path / "other").public != key.public
    assert (tmp_path / "machines" / "machine.key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in (tmp_path / "machines").iterdir()] == ["machine.key"]


def test_a_damaged_key_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "machine.key").write_text("short")
    with pytest.raises(NotAvailable, match="is not a key"):
        machine_key(tmp_path)


def test_only_the_bytes_that_were_signed_by_that_key_pass(tmp_path: Path) -> None:
    key, other = machine_key(tmp_path / "a"), machine_key(tmp_path / "b")
    signature = key.sign(b"record")
    assert is_signed(b"record", signature, key.public)
    assert not is_signed(b"record!", signature, key.public)
    assert not is_signed(b"record", signature, other.public)
    assert not is_signed(b"record", b"", key.public)
    assert not is_signed(b"record", signature, "zz")


def change(folder: Path) -> None:
    (folder / "record.json").write_text("{}")


def add(folder: Path) -> None:
    (folder / "more.txt").write_text("x")


def remove(folder: Path) -> None:
    (folder / "log.txt").unlink()


def rename(folder: Path) -> None:
    (folder / "log.txt").rename(folder / "log2.txt")


def garble(folder: Path) -> None:
    (folder / SIGNATURE).write_text("{")


def unsign(folder: Path) -> None:
    (folder / SIGNATURE).unlink()


@pytest.mark.parametrize("forge", [change, add, remove, rename, garble, unsign])
def test_a_folder_that_was_touched_since_it_was_signed_is_refused(tmp_path: Path, forge) -> None:
    folder = tmp_path / "record"
    folder.mkdir()
    (folder / "record.json").write_text('{"a": 1}')
    (folder / "log.txt").write_text("")
    key = machine_key(tmp_path)
    sign_folder(folder, key)
    assert signer_of(folder) == key.public
    forge(folder)
    with pytest.raises(BadData, match="record"):
        signer_of(folder)


def test_only_enrolled_active_machines_may_work(tmp_path: Path) -> None:
    enrolment, key = Enrolment(tmp_path), machine_key(tmp_path).public
    assert not enrolment.may_work(key)
    enrolment.enrol("north", key)
    assert enrolment.may_work(key)
    enrolment.set_state("north", "quarantined", "its ratios drifted")
    assert not Enrolment(tmp_path).may_work(key)
    assert Enrolment(tmp_path).all()[key].reason == "its ratios drifted"
    enrolment.enrol("north", key)
    assert enrolment.may_work(key)


def test_enrolment_refuses_what_cannot_be(tmp_path: Path) -> None:
    enrolment = Enrolment(tmp_path)
    enrolment.enrol("north", machine_key(tmp_path / "a").public)
    with pytest.raises(UserError, match="64 hexadecimal digits"):
        enrolment.enrol("south", "key")
    with pytest.raises(UserError, match="another machine is called 'north'"):
        enrolment.enrol("north", machine_key(tmp_path / "b").public)
    with pytest.raises(UnknownName, match="north"):
        enrolment.set_state("nort", "retired")
    (tmp_path / "machines" / "enrolled.json").write_text("[")
    with pytest.raises(BadData, match="is damaged; restore it"):
        enrolment.all()

"""Archives from anybody, and files with any few bytes changed: refused in words, never by a crash."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deeprnn.errors import CheckpointError
from deeprnn.model.checkpoint import load_checkpoint
from deeprnn.model.package import FILES

from .crafting import edit_json, join_weights, refused, rehash, split_weights, zip_of

QUIET = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)


def test_the_crafting_itself_spoils_nothing(good: Path, tmp_path: Path) -> None:
    folder = tmp_path / "m"
    shutil.copytree(good, folder)
    rehash(folder)
    join_weights(folder, *split_weights(folder))
    edit_json(folder, "metrics.json", lambda metrics: None)
    load_checkpoint(folder)
    zip_of(folder, tmp_path / "m.zip")
    load_checkpoint(tmp_path / "m.zip")


ZIPS: dict[str, tuple[str, Callable[[Path, Path], object]]] = {
    "a bomb": (
        "checkpoint_ratio",
        lambda f, z: zip_of(f, z, zipfile.ZIP_DEFLATED, replaced={"model.safetensors": bytes(10**7)}),
    ),
    "a large config": ("checkpoint_too_large", lambda f, z: zip_of(f, z, replaced={"config.json": b" " * 65_537})),
    "a sixth file": ("checkpoint_members", lambda f, z: zip_of(f, z, replaced={"extra.txt": b"x"})),
    "another packing": ("checkpoint_bad_zip", lambda f, z: zip_of(f, z, zipfile.ZIP_LZMA)),
    "a text": ("checkpoint_not_zip", lambda f, z: z.write_bytes(b"nothing")),
    "an empty file": ("checkpoint_not_zip", lambda f, z: z.write_bytes(b"")),
    "only the start of one": ("checkpoint_bad_zip", lambda f, z: z.write_bytes(b"PK\x03\x04" + bytes(30))),
    "four bytes of one": ("checkpoint_bad_zip", lambda f, z: z.write_bytes(b"PK\x03\x04")),
}


@pytest.mark.parametrize("case", ZIPS)
def test_a_bad_zip_is_refused_for_what_is_wrong_with_it(case: str, good: Path, tmp_path: Path) -> None:
    key, make = ZIPS[case]
    make(good, tmp_path / "m.zip")
    assert refused(tmp_path / "m.zip") == key


@pytest.mark.parametrize("name", ["m/config.json", "../config.json", "/config.json", "CONFIG.JSON", "config.json/"])
def test_a_zip_with_folders_or_other_names_is_refused(name: str, good: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "m.zip", "w") as archive:
        for other in FILES:
            archive.writestr(name if other == "config.json" else other, (good / other).read_bytes())
    assert refused(tmp_path / "m.zip") == "checkpoint_members"


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_zip_with_one_name_twice_is_refused(good: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "m.zip", "w") as archive:
        for name in [*FILES[:4], FILES[0]]:
            archive.writestr(name, (good / name).read_bytes())
    assert refused(tmp_path / "m.zip") == "checkpoint_members"


def test_a_zip_that_lies_about_its_sizes_or_is_encrypted_is_refused(good: Path, tmp_path: Path) -> None:
    zip_of(good, tmp_path / "m.zip")
    data = (tmp_path / "m.zip").read_bytes()
    entry = data.rindex(b"PK\x01\x02", 0, data.rindex(b"config.json"))
    for offset, change in ((8, b"\x01\x00"), (24, (60_000).to_bytes(4, "little")), (16, b"\0\0\0\0")):
        spoilt = data[: entry + offset] + change + data[entry + offset + len(change) :]
        (tmp_path / "m.zip").write_bytes(spoilt)
        assert refused(tmp_path / "m.zip") in ("checkpoint_bad_zip", "checkpoint_ratio", "checkpoint_truncated")


def test_nothing_and_single_files_are_refused_with_advice(good: Path, tmp_path: Path) -> None:
    assert refused(tmp_path / "nowhere") == "checkpoint_missing"
    assert refused(good / "model.safetensors") == "checkpoint_single_file"
    assert refused(good / "config.json") == "checkpoint_not_zip"


def test_a_changed_bit_in_any_file_that_matters_is_noticed(good: Path, tmp_path: Path) -> None:
    for name in FILES[:4]:
        data = bytearray((good / name).read_bytes())
        for at in range(0, len(data), max(1, len(data) // 60)):
            folder = tmp_path / "m"
            shutil.copytree(good, folder, dirs_exist_ok=True)
            data[at] ^= 1 << at % 8
            (folder / name).write_bytes(data)
            data[at] ^= 1 << at % 8
            refused(folder)


@QUIET
@given(at=st.floats(0, 1), change=st.binary(max_size=12), removed=st.integers(0, 40), name=st.sampled_from(FILES[:4]))
def test_any_edit_with_right_checksums_loads_or_is_refused_in_words(
    good: Path, tmp_path: Path, at: float, change: bytes, removed: int, name: str
) -> None:
    folder = tmp_path / "m"
    shutil.copytree(good, folder, dirs_exist_ok=True)
    data = (folder / name).read_bytes()
    begin = int(at * len(data)) if name != "model.safetensors" else int(at * 1000)
    (folder / name).write_bytes(data[:begin] + change + data[begin + removed :])
    if name != "config.json":
        rehash(folder)
    try:
        load_checkpoint(folder)
    except CheckpointError as refusal:
        assert str(refusal)  # noqa: PT017 - that nothing else is raised is what is tested


@QUIET
@given(at=st.floats(0, 1), change=st.binary(min_size=1, max_size=8), removed=st.integers(0, 40))
def test_any_edit_of_a_zip_loads_or_is_refused_in_words(
    good: Path, tmp_path: Path, at: float, change: bytes, removed: int
) -> None:
    zip_of(good, tmp_path / "m.zip")
    data = (tmp_path / "m.zip").read_bytes()
    begin = len(data) - int(at * 900)  # the list at the end, where zipfile's own parser works
    (tmp_path / "m.zip").write_bytes(data[:begin] + change + data[begin + removed :])
    try:
        load_checkpoint(tmp_path / "m.zip")
    except CheckpointError as refusal:
        assert str(refusal)  # noqa: PT017

"""The choice of device and precision."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
import torch

from deeprnn import device
from deeprnn.errors import ConfigError


def test_the_cpu_is_always_there() -> None:
    chosen = device.choose_device("cpu")
    assert (chosen.kind, chosen.cores) == ("cpu", torch.get_num_threads())
    assert chosen.torch == torch.device("cpu")


def test_unknown_and_missing_devices_are_refused_with_what_is_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError, match="auto, cpu, cuda, mps"):
        device.choose_device("tpu")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ConfigError, match="no cuda device"):
        device.choose_device("cuda")


def test_mps_is_chosen_only_when_its_numbers_are_right(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    monkeypatch.setattr(device, "agrees_with_cpu", lambda place: False)
    assert device.choose_device("auto").kind == "cpu"
    monkeypatch.setattr(device, "agrees_with_cpu", lambda place: True)
    assert device.choose_device("auto").kind == "mps"


def test_the_numeric_check_passes_on_the_cpu_itself_and_fails_on_wrong_numbers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert device.agrees_with_cpu(torch.device("cpu"))
    real, calls = torch.nn.LSTM.forward, []

    def wrong_the_second_time(self: torch.nn.LSTM, *args: Any) -> object:
        outputs, state = real(self, *args)
        calls.append(1)
        return (outputs * 1.01 if len(calls) == 2 else outputs), state

    monkeypatch.setattr(torch.nn.LSTM, "forward", wrong_the_second_time)
    assert not device.agrees_with_cpu(torch.device("cpu"))


def test_precision_is_what_was_asked_or_what_was_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    cpu = device.choose_device("cpu")
    assert device.choose_precision("float32", cpu) == "float32"
    assert device.choose_precision("bfloat16", cpu) == "bfloat16"
    for able, chosen in (({}, "float32"), ({"avx512_bf16": True}, "bfloat16"), ({"amx_bf16": True}, "bfloat16")):
        monkeypatch.setattr(torch.cpu, "get_capabilities", lambda able=able: able)
        assert device.choose_precision("auto", cpu) == chosen
    assert device.choose_precision("auto", device.Device("cuda", "a GPU", 0)) == "float32"


@pytest.fixture
def three_threads() -> Iterator[None]:
    before = torch.get_num_threads()
    device.set_threads(3)
    yield
    device.set_threads(before)


@pytest.mark.usefixtures("three_threads")
def test_a_thread_born_while_another_writes_still_trains_on_all_threads() -> None:
    """Pressing Train while a text was being written used to train on one core, and every later run too."""
    seen: list[int] = []

    def train() -> None:
        device.use_all_threads()
        seen.append(torch.get_num_threads())

    def write_and_train() -> None:
        with device.one_thread():
            pass
        seen.append(torch.get_num_threads())

    with device.one_thread():
        for work in (train, write_and_train):
            thread = threading.Thread(target=work)
            thread.start()
            thread.join()
    assert seen == [3, 3]
    assert torch.get_num_threads() == 3

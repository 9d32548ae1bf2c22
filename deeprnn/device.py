"""Which device, number format and threads to use; the only file that asks what machine this is."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import nn

from .errors import ConfigError

KINDS = ("auto", "cpu", "cuda", "mps")
_threads = torch.get_num_threads()


@dataclass(frozen=True)
class Device:
    """Name a device on which networks train and write.

    Args:
        kind: cpu, cuda or mps.
        name: what a person calls it.
        cores: processor threads that torch uses on a CPU, 0 elsewhere.
    """

    kind: str
    name: str
    cores: int

    @property
    def torch(self) -> torch.device:
        """Return torch's own name of the device."""
        return torch.device(self.kind)


def choose_device(requested: str = "auto") -> Device:
    """Find the best device that works: CUDA, then MPS if it agrees with the CPU, then the CPU.

    Raises:
        ConfigError: the name is unknown, or this machine has no such device.
    """
    if requested not in KINDS:
        raise ConfigError("unknown_device", name=str(requested)[:60], allowed=", ".join(KINDS))
    if requested in ("auto", "cuda") and torch.cuda.is_available():
        return Device("cuda", torch.cuda.get_device_name(), 0)
    # A named MPS is taken at the user's word; by itself it is chosen only after it has shown the right numbers.
    mps = requested in ("auto", "mps") and torch.backends.mps.is_available()
    if mps and (requested == "mps" or agrees_with_cpu(torch.device("mps"))):
        return Device("mps", "Apple GPU", 0)
    if requested in ("auto", "cpu"):
        return Device("cpu", "CPU", _threads)
    raise ConfigError("device_missing", name=requested)


def agrees_with_cpu(device: torch.device, tolerance: float = 1e-3) -> bool:
    """Tell whether a small LSTM gives the same outputs and gradients on a device as on the CPU.

    MPS has returned wrong LSTM results in several torch releases (pytorch issues 90421 and 92615).
    """
    results = []
    for place in (torch.device("cpu"), device):
        generator = torch.Generator().manual_seed(0)
        lstm = nn.LSTM(8, 16, 2)
        with torch.no_grad():
            for parameter in lstm.parameters():
                parameter.uniform_(-0.5, 0.5, generator=generator)
        inputs = torch.randn(12, 4, 8, generator=generator).to(place)
        outputs, _ = lstm.to(place)(inputs)
        outputs.square().mean().backward()
        results.append([outputs.detach().cpu(), *(p.grad.cpu() for p in lstm.parameters() if p.grad is not None)])
    return all(torch.allclose(a, b, atol=tolerance) for a, b in zip(*results, strict=True))


def set_threads(count: int) -> None:
    """Say on how many threads the whole program computes, before any device is chosen."""
    global _threads
    _threads = count
    torch.set_num_threads(count)


def use_all_threads() -> None:
    """Let the calling thread compute on all threads of the program; a new thread that trains must say so.

    What torch calls the number of threads is a thread's own, but a new thread takes over the number that was set last
    anywhere: born while another thread writes, it would compute alone for its whole life.
    """
    torch.set_num_threads(_threads)


@contextmanager
def one_thread() -> Iterator[None]:
    """Compute on the calling thread alone, for work too small to be shared.

    One written token is such work: shared, its threads wait for each other, and beside a training they wait long
    (measured: 100 to 1 000 characters a second instead of 2 300).
    """
    torch.set_num_threads(1)
    try:
        yield
    finally:
        use_all_threads()


def choose_precision(requested: str, device: Device) -> str:
    """Return float32 or bfloat16; "auto" takes bfloat16 on a CPU that computes with it.

    There a step takes about half the time, elsewhere longer. What the processor can do is asked, not the clock: a busy
    moment would choose otherwise, and one seed would give two runs. A GPU's small recurrent steps are bound by
    launches, not by the width of its numbers.
    """
    if requested != "auto":
        return requested
    return "bfloat16" if device.kind == "cpu" and has_bfloat16() else "float32"


def has_bfloat16() -> bool:
    """Tell whether this processor has instructions for bfloat16; False where torch is too old to say."""
    can: dict[str, object] = getattr(torch.cpu, "get_capabilities", dict)()
    return bool(can.get("avx512_bf16") or can.get("amx_bf16"))


def free_memory(device: Device) -> int | None:
    """Return the bytes that a run may still take on a device, None where nobody can tell.

    On a CPU the least of what the system calls available, what a container allows and what the process is limited to.
    """
    if device.kind == "cuda":
        return int(torch.cuda.mem_get_info()[0])
    found = [size for size in (_available(), _container_rest(), _process_rest()) if size is not None]
    return max(0, min(found)) if found else None


def _available(path: str = "/proc/meminfo") -> int | None:
    """Return what Linux calls available; on other systems, half of the machine's memory."""
    for line in _lines(path):
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2
    except (AttributeError, ValueError, OSError):  # Windows has no sysconf
        return None


def _container_rest(folder: str = "/sys/fs/cgroup") -> int | None:
    """Return what a container may still take, without what its cache of files would give back."""
    limit, used = (" ".join(_lines(f"{folder}/memory.{name}")).strip() for name in ("max", "current"))
    if not limit.isdecimal() or not used.isdecimal():
        return None
    cached = [int(line.split()[1]) for line in _lines(f"{folder}/memory.stat") if line.startswith("inactive_file ")]
    return int(limit) - int(used) + sum(cached)


def _process_rest(path: str = "/proc/self/statm") -> int | None:
    """Return how many addresses the process may still take, if it is limited."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    limit, sizes = resource.getrlimit(resource.RLIMIT_AS)[0], _lines(path)
    if limit == resource.RLIM_INFINITY or not sizes:
        return None
    return limit - int(sizes[0].split()[0]) * os.sysconf("SC_PAGE_SIZE")


def _lines(path: str) -> list[str]:
    """Return the lines of a small file of the system, none if it has no such file."""
    try:
        with open(path, encoding="ascii") as file:
            return file.readlines()
    except (OSError, UnicodeDecodeError):
        return []


def machine() -> dict[str, str]:
    """Return the names and versions that a measured figure needs beside it."""
    return {"torch": torch.__version__, "threads": str(torch.get_num_threads()), "cores": str(os.cpu_count() or 1)}

"""Learning-rate schedules against torch's own."""

import pytest
import torch

from deeprnn.training.schedule import FINAL_FRACTION, ONE_CYCLE_START, learning_rate_factor

STEPS = 200


def test_constant_is_one() -> None:
    assert {learning_rate_factor("constant", step / STEPS, 0.1) for step in range(STEPS)} == {1.0}


def test_one_cycle_is_torchs_own() -> None:
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    warmup = 0.25
    scheduler = torch.optim.lr_scheduler.OneCycleLR(
        optimizer,
        max_lr=1.0,
        total_steps=STEPS + 1,
        pct_start=(warmup * STEPS + 1) / (STEPS + 1),  # torch counts one step less in the rising phase
        div_factor=1 / ONE_CYCLE_START,
        final_div_factor=ONE_CYCLE_START / FINAL_FRACTION,
        cycle_momentum=False,
    )
    for step in range(STEPS):
        ours = learning_rate_factor("one_cycle", step / STEPS, warmup)
        assert ours == pytest.approx(optimizer.param_groups[0]["lr"], rel=1e-9), step
        optimizer.step()
        scheduler.step()


def test_cosine_rises_in_a_line_and_falls_as_torchs_cosine() -> None:
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=150, eta_min=FINAL_FRACTION)
    for step in range(50):
        assert learning_rate_factor("cosine", step / STEPS, 0.25) == pytest.approx(step / 50)
    for step in range(50, STEPS):
        assert learning_rate_factor("cosine", step / STEPS, 0.25) == pytest.approx(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()

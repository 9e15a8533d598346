"""Muon for the layers' matrices, AdamW for everything else."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn

from pocket_model.layers import compute_dtype

_COEFFICIENTS = (3.4445, -4.7750, 2.0315)


class Optimiser:
    """Two optimisers, one learning-rate factor.

    Muon (Jordan 2024): momentum whose update is made orthogonal by Newton-Schulz steps."""

    def __init__(
        self, matrices: list[nn.Parameter], weights: Iterable[nn.Parameter], muon: float, adam: float, decay: float
    ):
        """`weights` are all that are trained, `matrices` those among them that are Muon's; `muon` and `adam` are rates."""
        known = {id(matrix) for matrix in matrices}
        self.matrices, self.others = matrices, [weight for weight in weights if id(weight) not in known]
        self.rates = (muon, adam)
        self.decay = decay
        self.dtype = compute_dtype()
        self.momentum = [torch.zeros_like(matrix) for matrix in matrices]
        self.adam = torch.optim.AdamW(self.others, lr=adam, betas=(0.9, 0.98), weight_decay=0.01)
        self.groups: dict[tuple[int, int], list[int]] = {}
        for place, matrix in enumerate(matrices):
            self.groups.setdefault(tuple(sorted(matrix.shape)), []).append(place)

    @torch.no_grad()
    def step(self, factor: float, clip: float = 1.0) -> None:
        """One step with the gradients that are there; clears them."""
        torch.nn.utils.clip_grad_norm_(self.others, clip)
        for group in self.adam.param_groups:
            group["lr"] = self.rates[1] * factor
        self.adam.step()
        rate = self.rates[0] * factor
        for places in self.groups.values():
            moved = [place for place in places if self.matrices[place].grad is not None]
            if not moved:
                continue
            wide = torch.stack([_wide(self._direction(place)) for place in moved]).to(self.dtype)
            for place, update in zip(moved, orthogonal(wide), strict=True):
                matrix = self.matrices[place]
                rows, columns = matrix.shape
                update = update.T if rows > columns else update
                matrix.mul_(1 - rate * self.decay).add_(update.to(matrix.dtype), alpha=-rate * max(1.0, rows / columns) ** 0.5)
        for weight in (*self.matrices, *self.others):
            weight.grad = None

    def state_dict(self) -> dict:
        return {"momentum": self.momentum, "adam": self.adam.state_dict()}

    def load_state_dict(self, state: dict) -> None:
        self.momentum = state["momentum"]
        self.adam.load_state_dict(state["adam"])

    def _direction(self, place: int, momentum: float = 0.95) -> Tensor:
        gradient = self.matrices[place].grad
        self.momentum[place].lerp_(gradient, 1 - momentum)
        return gradient.lerp(self.momentum[place], momentum)


def _wide(matrix: Tensor) -> Tensor:
    return matrix.T if matrix.shape[0] > matrix.shape[1] else matrix


def orthogonal(matrices: Tensor, steps: int = 4) -> Tensor:
    """[n, rows, columns], rows <= columns -> the same with singular values near 1"""
    a, b, c = _COEFFICIENTS
    result = matrices / (matrices.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    for _ in range(steps):
        gram = result @ result.mT
        result = a * result + (b * gram + c * gram @ gram) @ result
    return result

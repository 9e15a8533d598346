"""One process, or several started by torchrun: NCCL on GPUs, gloo on CPUs."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass

import torch
import torch.distributed as dist
from torch import Tensor, nn


@dataclass(frozen=True)
class Processes:
    rank: int
    count: int
    device: torch.device

    @property
    def is_first(self) -> bool:
        return self.rank == 0

    def add(self, values: Tensor) -> Tensor:
        """The sum over all processes, in place."""
        if self.count > 1:
            dist.all_reduce(values)
        return values

    def add_gradients(self, parameters: Iterable[nn.Parameter]) -> None:
        """Sums gradients over all processes; one without a gradient (a run without pictures) adds nothing."""
        parameters = list(parameters)
        for parameter in parameters:
            if parameter.grad is None:
                parameter.grad = torch.zeros_like(parameter)
        if self.count == 1:
            return
        flat = torch.cat([parameter.grad.flatten() for parameter in parameters])
        for parameter, part in zip(parameters, self.add(flat).split([p.numel() for p in parameters]), strict=True):
            parameter.grad.copy_(part.view_as(parameter))


def join() -> Processes:
    rank, count = int(os.environ.get("RANK", 0)), int(os.environ.get("WORLD_SIZE", 1))
    gpu = torch.cuda.is_available()
    device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", 0))) if gpu else torch.device("cpu")
    if gpu:
        torch.cuda.set_device(device)
    if count > 1:
        dist.init_process_group("nccl" if gpu else "gloo")
    return Processes(rank, count, device)


def leave(processes: Processes) -> None:
    """Of a run that went well. A process that failed just ends, so that torchrun ends the others: here it would wait for
    them while they wait for its share."""
    if processes.count > 1:
        dist.barrier()
        dist.destroy_process_group()

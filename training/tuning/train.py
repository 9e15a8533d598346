"""The run: one pass (or several) over the data."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from torch.utils.data import DataLoader
from transformers import LlavaForConditionalGeneration

from reduction.methods import Method, method
from tuning.adapter import CONFIG, save_adapter
from tuning.checkpoint import NAME, Run, keep_log_until
from tuning.data import Conversations, Example, share, steps
from tuning.identity import identity
from tuning.loss import answer_loss
from tuning.low_rank import add_low_rank, low_rank_layers
from tuning.processes import Processes, join, leave
from tuning.processor import Processor, end_ids
from tuning.schedule import rate_at
from tuning.settings import Settings

DROPOUT_STREAM = 1_000_003


def tune(settings: Settings) -> None:
    """Writes the adapter into `settings.out`. Goes on where a run with the same settings was cut off."""
    if (settings.out / CONFIG).exists():
        raise FileExistsError(f"{settings.out} holds a finished adapter; give another --out")
    settings.out.mkdir(parents=True, exist_ok=True)
    processes = join()
    _Tuning(settings, processes).run()
    leave(processes)


class _Tuning:
    def __init__(self, settings: Settings, processes: Processes):
        self.settings, self.processes = settings, processes
        _refuse_idle(settings, processes.count)
        self.dtype = _dtype(settings.dtype, processes.device)
        self.model = prepare(settings, self.dtype, processes.device)
        processor = Processor(str(settings.model), self.model.config, end_ids(self.model), settings.image_aspect)
        form = (settings.prompt, settings.turns)
        self.data = Conversations(settings.data, settings.images, processor, *form, settings.limit)
        self.plan = _plan(self.data, settings)
        _refuse_standstill(self.plan, settings)
        self.methods = [method(name) for name in settings.reduce.split(",")]
        self.trained = {name: part for name, part in self.model.named_parameters() if part.requires_grad}
        self.optimizer = _optimizer(self.trained, settings)
        held = identity(settings.model, self.model.config, settings.data, self.dtype, processes.device)
        self.saved = Run(settings.out, settings.deciding(processes.count) | held, self.trained, self.optimizer)

    def run(self) -> None:
        first = self.saved.resume()
        log = self.settings.out / "log.jsonl"
        if self.processes.is_first:
            keep_log_until(log, first)
            weights = sum(part.numel() for part in self.trained.values())
            print(f"{len(self.data)} conversations, {len(self.plan)} steps from {first}, {weights} weights trained")
        last = len(self.plan) if self.settings.stop_after is None else first + self.settings.stop_after
        shares = [self._share(step) for step in self.plan[first:last]]
        batches = self._batches(shares)
        self.model.train()
        self.model.model.vision_tower.eval()
        since = time.monotonic()
        for step, runs in enumerate(shares, first):
            line = self._step(step, islice(batches, len(runs)))
            if not self.processes.is_first:
                continue
            with log.open("a") as lines:
                lines.write(json.dumps(line) + "\n")
            if time.monotonic() - since > 60 * self.settings.save_minutes:
                self.saved.save(step + 1)
                since = time.monotonic()
        if self.processes.is_first:
            if last < len(self.plan):
                self.saved.save(last)
            else:
                self._finish()

    def _share(self, step: list[int]) -> list[list[int]]:
        return share(step, self.settings.micro_batch, self.processes.rank, self.processes.count)

    def _batches(self, shares: list[list[list[int]]]) -> Iterator[list[Example]]:
        places = [run for runs in shares for run in runs]
        workers = self.settings.workers
        return iter(DataLoader(self.data, batch_sampler=places, collate_fn=list, num_workers=workers))

    def _step(self, step: int, batches: Iterable[list[Example]]) -> dict[str, Any]:
        """One update from this process's share. Gradients are of the mean over all answer tokens of the step, however
        many runs and processes it is spread over. Runs are read one by one: a worker hands over each tensor in a file
        descriptor of its own, and a process may open about a thousand."""
        start = time.monotonic()
        factor = rate_at(step, len(self.plan), self.settings.warmup)
        for group in self.optimizer.param_groups:
            group["lr"] = group["rate"] * factor
        stream = step * self.processes.count + self.processes.rank
        torch.manual_seed(self.settings.seed * DROPOUT_STREAM + stream)
        turn = self.methods[step % len(self.methods)]
        sums = torch.zeros(4, dtype=torch.float64, device=self.processes.device)
        for examples in batches:
            sums += self._forward_backward(examples, turn)
        total, tokens, visual, pictures = self.processes.add(sums).tolist()
        self.processes.add_gradients(self.trained.values())
        for part in self.trained.values():
            part.grad.div_(max(1.0, tokens))
        norm = torch.nn.utils.clip_grad_norm_(self.trained.values(), self.settings.clip)
        if not torch.isfinite(norm):  # every process has the same, so all of them end here
            raise FloatingPointError(
                f"step {step}: expected a finite gradient, found norm {float(norm)}; no weight was changed by it. "
                "Give a lower --rate or --dtype float32, and another --out"
            )
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        return {
            "step": step,
            "loss": round(total / max(1.0, tokens), 4),
            "reduce": turn.name,
            "answer_tokens": int(tokens),
            "visual_tokens": round(visual / pictures, 1) if pictures else None,
            "gradient": round(float(norm), 3),
            "rate": round(factor, 6),
            "seconds": round(time.monotonic() - start, 2),
        }

    def _forward_backward(self, examples: list[Example], turn: Method) -> torch.Tensor:
        """Adds to the gradients of the summed loss. Loss, answer tokens, visual tokens, pictures."""
        loss = answer_loss(self.model, examples, turn, self.settings.longest)
        if loss.tokens > 0:  # none where a long prompt was cut before its answer
            loss.total.backward()
        counts = [loss.total.item(), loss.tokens, loss.visual_tokens, loss.pictures]
        return torch.tensor(counts, dtype=torch.float64, device=self.processes.device)

    def _finish(self) -> None:
        settings = self.settings
        kind = self.dtype if settings.save_dtype == "auto" else getattr(torch, settings.save_dtype)
        base = Path(settings.model)
        name = base.resolve().name if base.exists() else str(settings.model)
        save_adapter(self.model, settings.out, name, settings.dropout, kind)
        (settings.out / NAME).unlink(missing_ok=True)
        layers = sum(1 for _ in low_rank_layers(self.model))
        print(f"{settings.out}: adapter of {layers} layers, rank {settings.rank}")


def prepare(settings: Settings, dtype: torch.dtype, device: torch.device) -> Any:
    """The checkpoint with low-rank layers, everything frozen but these and the projector, which are float32."""
    model = LlavaForConditionalGeneration.from_pretrained(str(settings.model), dtype=dtype).to(device)
    if not isinstance(model.config.vision_feature_layer, int):
        raise ValueError(f"{settings.model}: expected one vision_feature_layer, found several")
    model.requires_grad_(False)
    add_low_rank(model, settings.rank, settings.alpha, settings.dropout, settings.seed)
    model.model.multi_modal_projector.float().requires_grad_(True)
    if settings.gradient_checkpointing:
        model.model.language_model.gradient_checkpointing_enable({"use_reentrant": False})
    return model


def _optimizer(trained: dict[str, torch.nn.Parameter], settings: Settings) -> torch.optim.AdamW:
    groups = [
        {"params": [part for name, part in trained.items() if ("multi_modal_projector" in name) == whole], "rate": rate}
        for whole, rate in ((False, settings.rate), (True, settings.projector_rate))
    ]
    return torch.optim.AdamW(groups, weight_decay=0.0)


def _plan(data: Conversations, settings: Settings) -> list[list[int]]:
    words = [data.words(place) for place in range(len(data))]
    pictures = [data.has_picture(place) for place in range(len(data))]
    return [
        step
        for epoch in range(settings.epochs)
        for step in steps(words, pictures, settings.batch, settings.seed + epoch)
    ]


def _refuse_idle(settings: Settings, processes: int) -> None:
    runs = math.ceil(settings.batch / settings.micro_batch)
    if runs < processes:
        raise ValueError(
            f"expected a forward run for each of {processes} processes in every step, found {runs}: --batch {settings.batch} in "
            f"runs of --micro-batch {settings.micro_batch}; give a smaller --micro-batch or start fewer processes"
        )


def _refuse_standstill(plan: list[list[int]], settings: Settings) -> None:
    """A warm-up begins at nothing: where it is all there is, the adapter would be finished as it began."""
    if not any(rate_at(step, len(plan), settings.warmup) > 0 for step in range(len(plan))):
        count = "1 step" if len(plan) == 1 else f"{len(plan)} steps"
        raise ValueError(
            f"expected a step whose rate is above 0, found {count} with --warmup {settings.warmup}; give more conversations, "
            "a smaller --batch or --warmup 0"
        )


def _dtype(name: str, device: torch.device) -> torch.dtype:
    if name != "auto":
        return getattr(torch, name)
    # Emulated, as before Ampere, it is slower than float32 and less exact.
    has = device.type == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False)
    return torch.bfloat16 if has else torch.float32

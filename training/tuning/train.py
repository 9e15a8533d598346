"""The run: one pass (or several) over the data."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import torch
from torch.utils.data import DataLoader
from transformers import LlavaForConditionalGeneration

from reduction.methods import Method, method
from tuning.adapter import CONFIG, save_adapter
from tuning.checkpoint import NAME, Run, keep_log_until
from tuning.data import Conversations, share, steps
from tuning.loss import answer_loss
from tuning.low_rank import add_low_rank, low_rank_layers
from tuning.processes import Processes, join, leave
from tuning.processor import Processor
from tuning.schedule import rate_at
from tuning.settings import Settings

DROPOUT_STREAM = 1_000_003


def tune(settings: Settings) -> None:
    if (settings.out / CONFIG).exists():
        raise FileExistsError(f"{settings.out} holds a finished adapter; give another --out")
    settings.out.mkdir(parents=True, exist_ok=True)
    processes = join()
    try:
        _tune(settings, processes)
    finally:
        leave(processes)


def _tune(settings: Settings, processes: Processes) -> None:
    dtype = _dtype(settings.dtype, processes.device)
    model = prepare(settings, dtype, processes.device)
    ends = _end_ids(model)
    processor = Processor(str(settings.model), model.config, ends, settings.image_aspect)
    data = Conversations(settings.data, settings.images, processor, settings.prompt, settings.limit)
    plan = _plan(data, settings)
    trained = {name: part for name, part in model.named_parameters() if part.requires_grad}
    groups = [
        {"params": [part for name, part in trained.items() if _is_projector(name) == whole], "rate": rate}
        for whole, rate in ((False, settings.rate), (True, settings.projector_rate))
    ]
    optimizer = torch.optim.AdamW(groups, weight_decay=0.0)
    run = Run(settings.out, settings.deciding(), trained, optimizer)
    first = run.resume()
    log = settings.out / "log.jsonl"
    if processes.is_first:
        keep_log_until(log, first)
        trainable = sum(part.numel() for part in trained.values())
        print(f"{len(data)} conversations, {len(plan)} steps from {first}, {trainable} weights trained", flush=True)

    methods = [method(name) for name in settings.reduce.split(",")]
    shares = [share(step, settings.micro_batch, processes.rank, processes.count) for step in plan[first:]]
    batches = iter(
        DataLoader(
            data,
            batch_sampler=[places for runs in shares for places in runs],
            collate_fn=list,
            num_workers=settings.workers,
        )
    )
    saved = time.monotonic()
    model.train()
    model.model.vision_tower.eval()
    for step, runs in enumerate(shares, first):
        if settings.stop_after is not None and step - first == settings.stop_after:
            if processes.is_first:
                run.save(step)
            return
        start = time.monotonic()
        factor = rate_at(step, len(plan), settings.warmup)
        for group in optimizer.param_groups:
            group["lr"] = group["rate"] * factor
        torch.manual_seed(settings.seed * DROPOUT_STREAM + step * processes.count + processes.rank)
        sums = torch.zeros(4, dtype=torch.float64, device=processes.device)
        turn = methods[step % len(methods)]
        for _ in runs:
            sums += _forward_backward(model, next(batches), turn, settings.longest)
        processes.add(sums)
        processes.add_gradients(trained.values())
        for part in trained.values():
            part.grad.div_(sums[1].clamp(min=1))
        norm = torch.nn.utils.clip_grad_norm_(trained.values(), settings.clip)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        if not processes.is_first:
            continue
        total, tokens, visual, pictures = sums.tolist()
        line = {
            "step": step,
            "loss": round(total / max(1, tokens), 4),
            "reduce": turn.name,
            "answer_tokens": int(tokens),
            "visual_tokens": round(visual / pictures, 1) if pictures else None,
            "gradient": round(float(norm), 3),
            "rate": factor,
            "seconds": round(time.monotonic() - start, 2),
        }
        with log.open("a") as lines:
            lines.write(json.dumps(line) + "\n")
        if time.monotonic() - saved > 60 * settings.save_minutes:
            run.save(step + 1)
            saved = time.monotonic()
    if processes.is_first:
        _finish(model, settings, dtype)


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


def _forward_backward(model: Any, examples: list, turn: Method, longest: int) -> torch.Tensor:
    """Adds to the gradients of the summed loss. Loss, answer tokens, visual tokens, pictures."""
    loss = answer_loss(model, examples, turn, longest)
    if loss.tokens > 0:  # none where a long prompt was cut before its answer
        loss.total.backward()
    counts = [loss.total.item(), loss.tokens, loss.visual_tokens, loss.pictures]
    return torch.tensor(counts, dtype=torch.float64, device=model.device)


def _plan(data: Conversations, settings: Settings) -> list[list[int]]:
    words = [data.words(place) for place in range(len(data))]
    pictures = [data.has_picture(place) for place in range(len(data))]
    return [
        step
        for epoch in range(settings.epochs)
        for step in steps(words, pictures, settings.batch, settings.seed + epoch)
    ]


def _finish(model: Any, settings: Settings, dtype: torch.dtype) -> None:
    kind = dtype if settings.save_dtype == "auto" else getattr(torch, settings.save_dtype)
    base = Path(settings.model)
    name = base.resolve().name if base.exists() else str(settings.model)
    save_adapter(model, settings.out, name, settings.dropout, kind)
    (settings.out / NAME).unlink(missing_ok=True)
    layers = sum(1 for _ in low_rank_layers(model))
    print(f"{settings.out}: adapter of {layers} layers, rank {settings.rank}", flush=True)


def _is_projector(name: str) -> bool:
    return "multi_modal_projector" in name


def _dtype(name: str, device: torch.device) -> torch.dtype:
    if name != "auto":
        return getattr(torch, name)
    return torch.bfloat16 if device.type == "cuda" and torch.cuda.is_bf16_supported() else torch.float32


def _end_ids(model: Any) -> list[int]:
    ends = model.generation_config.eos_token_id
    if ends is None:
        ends = model.config.text_config.eos_token_id
    return [ends] if isinstance(ends, int) else list(ends)

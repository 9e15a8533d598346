"""What the vision tower is asked while it learns. The heads are dropped afterwards.

Patch objectives read the rows that the language model will get. Class-token objectives read the class token after the last
layer: nothing else trains that layer, whose class attention token reduction goes by. No objective looks at attention, a
reducer or what it keeps."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pocket_model.vision_data import CATEGORIES, LARGEST_COUNT, SLOTS, VisionBatch
from pocket_world.backgrounds import PATTERNS
from pocket_world.colours import COLOUR_NAMES
from pocket_world.content import SIDES
from pocket_world.kinds import names
from pocket_world.labels import CLASSES
from pocket_world.measures import CHARACTERS

LETTERS = len(CHARACTERS) + 1
MOST_THINGS = 10
WEIGHTS = {
    "kind": 1.0,
    "colour": 0.3,
    "pattern": 0.1,
    "totals": 0.2,
    "box": 0.5,
    "centre": 0.3,
    "size": 0.1,
    "number": 0.6,
    "character": 0.4,
    "letter": 0.3,
    "string": 1.0,
    "present": 0.8,
    "things": 0.2,
    "class_string": 0.15,
}
_TOTALS = 1 + len(CATEGORIES)
_EVERY = {
    "kind": CLASSES,
    "colour": len(COLOUR_NAMES),
    "pattern": len(PATTERNS),
    "totals": _TOTALS * (MOST_THINGS + 1),
}
_SPARSE = 8
"""What the whole picture is like is asked of every eighth patch."""
_THING = {"box": 4, "centre": 1, "size": len(SIDES), "number": LARGEST_COUNT}
_PRINT = {"character": LETTERS, "letter": SLOTS, "string": SLOTS * LETTERS}


class VisionHeads(nn.Module):
    """One linear map per objective."""

    def __init__(self, width: int):
        super().__init__()
        sizes = _EVERY | _THING | _PRINT
        self.patch = nn.ModuleDict({name: nn.Linear(width, size) for name, size in sizes.items()})
        self.whole = nn.ModuleDict(
            {
                "present": nn.Linear(width, len(names()) + 1),
                "things": nn.Linear(width, MOST_THINGS + 1),
                "class_string": nn.Linear(width, SLOTS * LETTERS),
            }
        )
        for weight in self.parameters():
            nn.init.zeros_(weight)
        nn.init.constant_(self.whole["present"].bias, -3.5)

    def forward(self, patches: Tensor, whole: Tensor, batch: VisionBatch) -> dict[str, Tensor]:
        """[B, n, width] rows and [B, width] class tokens -> the mean loss of each objective"""
        return self._patch_losses(patches, batch) | self.of_class(whole, batch)

    def _patch_losses(self, patches: Tensor, batch: VisionBatch) -> dict[str, Tensor]:
        item, shows = batch.item, batch.item > 0
        weight = _item_weight(item)
        of_item = torch.arange(len(item))[:, None].expand_as(item)
        flat = weight.flatten()
        losses = {
            "kind": _weighted(self._classify("kind", patches.flatten(0, 1), batch.kind.flatten()), flat),
            "colour": _weighted(
                self._classify("colour", patches.flatten(0, 1), batch.colour.gather(1, item).flatten()), flat
            ),
        }
        some = patches[:, ::_SPARSE]
        losses["pattern"] = F.cross_entropy(self._of("pattern", some).transpose(1, 2), _spread(batch.pattern, some))
        totals = self._of("totals", some).unflatten(-1, (_TOTALS, -1)).permute(0, 3, 1, 2)
        losses["totals"] = F.cross_entropy(totals, _spread(batch.totals, some))
        scene, which, seen, share = of_item[shows], item[shows], patches[shows], weight[shows]
        boxes = self._of("box", seen)
        losses["box"] = 4 * _weighted((boxes - batch.boxes[scene, which]).abs().sum(1), share)
        losses["centre"] = F.binary_cross_entropy_with_logits(
            self._of("centre", seen)[:, 0], batch.centre[shows].float(), weight=share / share.mean()
        )
        for name, target in (("size", batch.size), ("number", batch.number)):
            losses[name] = _weighted(self._classify(name, seen, target[scene, which]), share)
        printed = batch.string[scene, which, 0] >= 0
        if printed.any():
            letters, string = seen[printed], batch.string[scene, which][printed]
            losses["character"] = self._classify("character", letters, batch.character[shows][printed]).mean()
            losses["letter"] = self._classify("letter", letters, batch.letter[shows][printed]).mean()
            per_slot = self._of("string", letters).view(-1, LETTERS)
            loss = F.cross_entropy(per_slot, string.flatten(), reduction="none").view(-1, SLOTS).mean(1)
            losses["string"] = _weighted(loss, share[printed])
        return losses

    def of_class(self, whole: Tensor, batch: VisionBatch) -> dict[str, Tensor]:
        """[B, width] class tokens -> the mean loss of each of their objectives"""
        present = F.binary_cross_entropy_with_logits(self.whole["present"](whole), batch.present, reduction="sum")
        losses = {
            "present": present / len(whole) / 4,
            "things": F.cross_entropy(self.whole["things"](whole), batch.things),
        }
        prints = (batch.string[:, :, 0] >= 0).sum(1)
        if (prints == 1).any():
            only = batch.string[prints == 1].amax(1)
            scores = self.whole["class_string"](whole[prints == 1]).view(-1, LETTERS)
            losses["class_string"] = F.cross_entropy(scores, only.flatten())
        return losses

    def _of(self, name: str, rows: Tensor) -> Tensor:
        head = self.patch[name]
        return F.linear(rows, head.weight.to(rows.dtype), head.bias.to(rows.dtype)).float()

    def _classify(self, name: str, rows: Tensor, target: Tensor) -> Tensor:
        """[rows]: 0 where the target is absent"""
        return F.cross_entropy(self._of(name, rows), target, ignore_index=-1, reduction="none")


def _item_weight(item: Tensor) -> Tensor:
    """A large thing counts more than a small one, but less than by its area: 1 / sqrt(patches); background half."""
    areas = torch.zeros(len(item), int(item.max()) + 1).scatter_add_(1, item, torch.ones(item.shape))
    return areas.gather(1, item).rsqrt() * torch.where(item > 0, 1.0, 0.5)


def _spread(target: Tensor, rows: Tensor) -> Tensor:
    """[B, ...] -> [B, rows, ...]"""
    return target[:, None].expand(-1, rows.shape[1], *target.shape[1:])


def _weighted(loss: Tensor, weight: Tensor) -> Tensor:
    """Mean over rows with a target; rows without have loss 0 and are left out of the weight."""
    return (loss * weight).sum() / (weight * (loss > 0)).sum().clamp(min=1e-6)

"""What tells frames apart: Video-LLaVA's temporal embedding, made and not trained.

Its towers add a row of a table to all rows of a frame, in every layer. Here one layer does, the one whose output the language
model reads: each frame adds a vector in directions in which rows of pictures hardly differ, so that nothing that they say
of pictures is lost and a projector finds it at once. The rest of the tower is pocket-llava's, to the bit."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from pocket_model.tower import Tower
from pocket_video.clip import FRAMES
from pocket_video.data import clip_of
from pocket_video.paint import Painter, patchify
from pocket_video.watch import own_places
from pocket_world.assets import Assets

CLIPS = 12
"""Training clips whose frames the directions are measured on."""
SCALE = 3.0
"""About a tenth of a row's length in all; rows differ by 0.4 along these directions."""


@torch.no_grad()
def frame_code(tower: Tower, assets: Assets) -> Tensor:
    """[FRAMES, width]: cosines of a frame's time, of one half to three and a half periods over the clip."""
    painter = Painter(assets)
    pixels = torch.cat([torch.from_numpy(patchify(painter.frames(clip_of("train", clip)))[::3]) for clip in range(CLIPS)])
    kept: list[Tensor] = []
    hook = tower.encoder.layers[-2].register_forward_pre_hook(lambda _, rows: kept.append(rows[0]))
    kept.append(tower.before_last(pixels, own_places().expand(len(pixels), -1), torch.float32))
    hook.remove()
    spread = sum(torch.cov(rows[:, 1:].flatten(0, 1).T) / rows[:, 1:].var() for rows in kept)
    directions = torch.linalg.eigh(spread)[1][:, : FRAMES - 1]
    times = torch.arange(FRAMES) + 0.5
    cosines = torch.stack([torch.cos(math.pi * wave * times / FRAMES) for wave in range(1, FRAMES)], 1)
    return SCALE * cosines @ directions.T

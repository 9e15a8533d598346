"""The stages of training, in their order, each in steps: never in time, which hangs on the machine."""

from __future__ import annotations

from pocket_model.feed import Source
from pocket_model.language_stage import LanguageStage
from pocket_model.vision_stage import VisionStage

SOURCES: tuple[Source, ...] = (("all", 240), ("letters", 60))
VISION = (
    VisionStage("vision-part", 2600, {"all": 36, "letters": 28}, 144, (1.0, 0.3), warm=60),
    VisionStage("vision-all", 1300, {"all": 13, "letters": 3}, 576, (0.3, 0.02)),
)
LANGUAGE = (
    LanguageStage("language-part", 2000, {"all": 8, "letters": 2}, 144, 14, (1.0, 0.4), (1.0, 0.5), warm=100),
    LanguageStage("language-all", 1000, {"all": 5, "letters": 1}, 576, 18, (0.4, 0.02), (0.5, 0.0)),
)

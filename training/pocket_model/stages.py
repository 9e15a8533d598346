"""The stages of training, in their order, each in steps: never in time, which hangs on the machine."""

from __future__ import annotations

from pocket_model.class_stage import ClassStage
from pocket_model.feed import Source
from pocket_model.language_stage import LanguageStage
from pocket_model.vision_stage import VisionStage

SOURCES: tuple[Source, ...] = (("all", 240), ("letters", 60))
VISION = (
    VisionStage("vision-part", 2060, {"all": 36, "letters": 28}, 144, (1.0, 0.45), warm=60),
    VisionStage("vision-letters", 900, {"all": 24, "letters": 40}, 144, (0.45, 0.3), letters=2.0),
    VisionStage("vision-all", 700, {"all": 11, "letters": 5}, 576, (0.3, 0.02), letters=2.0),
)
CLASS = ClassStage("vision-class", 500, {"all": 9, "letters": 3}, 1.5, (0.5, 0.02))
LANGUAGE = (
    LanguageStage("language-part", 2000, {"all": 8, "letters": 2}, 144, 14, (1.0, 0.4), (1.0, 0.5), warm=100),
    LanguageStage("language-all", 1400, {"all": 5, "letters": 1}, 576, 18, (0.4, 0.02), (0.5, 0.0)),
)

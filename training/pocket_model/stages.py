"""The stages of training, in their order, each in steps: never in time, which hangs on the machine."""

from __future__ import annotations

from pocket_model.class_stage import ClassStage
from pocket_model.feed import Source
from pocket_model.language_stage import LanguageStage
from pocket_model.vision_stage import VisionStage

SOURCES: tuple[Source, ...] = (("all", 240), ("letters", 60))
VISION = (
    VisionStage("vision-part", 2000, {"all": 36, "letters": 28}, 144, (1.0, 0.5), warm=60),
    VisionStage("vision-letters", 2000, {"all": 28, "letters": 36}, 144, (0.5, 0.35), letters=2.0),
    VisionStage("vision-all", 2400, {"all": 11, "letters": 5}, 576, (0.35, 0.02), letters=2.0),
)
CLASS = ClassStage("vision-class", 500, {"all": 9, "letters": 3}, 4.0, 1.5, (0.5, 0.02))
LANGUAGE = (LanguageStage("language", 4000, {"all": 5, "letters": 1}, 576, 18, (1.0, 0.02), (1.0, 0.0), warm=100),)

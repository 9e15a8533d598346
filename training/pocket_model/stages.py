"""The stages of training, in their order, each in steps: never in time, which hangs on the machine."""

from __future__ import annotations

from pocket_model.class_stage import ClassStage
from pocket_model.feed import Source
from pocket_model.language_stage import LanguageStage
from pocket_model.language_variety import Variety
from pocket_model.vision_stage import VisionStage

SOURCES: tuple[Source, ...] = (("all", 240), ("letters", 60))
VISION = (
    VisionStage(
        name="vision-part", steps=2000, shares={"all": 36, "letters": 28}, patches=144, rate=(1.0, 0.5), warm=60
    ),
    VisionStage(
        name="vision-letters", steps=2000, shares={"all": 28, "letters": 36}, patches=144, rate=(0.5, 0.35), letters=2.0
    ),
    VisionStage(
        name="vision-all", steps=2400, shares={"all": 11, "letters": 5}, patches=576, rate=(0.35, 0.02), letters=2.0
    ),
)
CLASS = ClassStage(name="vision-class", steps=500, shares={"all": 9, "letters": 3}, letters=4.0, lasso=1.5, rate=(0.5, 0.02))
LANGUAGE = (
    LanguageStage(
        name="language",
        steps=4000,
        shares={"all": 5, "letters": 1},
        patches=576,
        questions=18,
        rate=(1.0, 0.02),
        hints=(1.0, 0.0),
        warm=100,
    ),
    LanguageStage(
        name="language-positions",
        steps=1200,
        shares={"all": 5, "letters": 1},
        patches=576,
        questions=18,
        rate=(0.35, 0.02),
        hints=(0.0, 0.0),
        warm=40,
        after=4000,
        variety=Variety(
            moved=0.65, told=0.3, chained=0.2, weights={"reading": 1.4, "count": 1.4, "comparison": 1.6, "caption": 1.3}
        ),
    ),
)

import pytest
from PIL import Image, ImageDraw, ImageFont

from pocket_world.assets import DEFAULT_FOLDER, Assets
from pocket_world.measures import icon_aspect, icon_shade


class StandInAssets(Assets):
    """Plain ellipses and Pillow's own font, so that pixels can be tested where no icons were fetched."""

    identity = "stand-in"

    def __init__(self):
        self._font = ImageFont.load_default(120)

    def __reduce__(self):
        return StandInAssets, ()  # Pillow's own font cannot be pickled

    def icon(self, name):
        width, height = max(8, int(100 * icon_aspect(name))), 100
        icon = Image.new("RGBA", (width, height))
        ImageDraw.Draw(icon).ellipse((0, 0, width - 1, height - 1), fill=(*icon_shade(name), 255))
        return icon.convert("RGBa")

    def font(self, name):
        return self._font


@pytest.fixture(scope="session")
def assets():
    return StandInAssets()


@pytest.fixture(scope="session")
def real_assets():
    if not (DEFAULT_FOLDER / "icons").is_dir():
        pytest.skip("icons and fonts are not fetched: run `npm ci && npm run assets` in training/")
    return Assets()

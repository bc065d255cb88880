"""Pictures of one unit lie over each other with a slider; others stand alone."""

from __future__ import annotations

from tests.leaderboards.web.html import parse
from tests.leaderboards.web.site import PNG, Site

LAYERS = ("1 low resolution", "2 entry", "3 truth")


def test_layers_of_one_unit_are_one_example(site: Site) -> None:
    images = site.home / "records" / site.records["cnn"] / "images"
    for caption in LAYERS:
        (images / f"brick-0~{caption}.png").write_bytes(PNG)
    page = parse(site.get(f"/records/{site.records['cnn']}"))
    layers = [figure for figure in page.all("figure") if "layers" in figure.attributes.get("class", "")]
    assert len(layers) == 1
    shown = [image.attributes["alt"] for image in layers[0].all("img")]
    assert shown == [f"brick-0, {caption}" for caption in LAYERS]
    assert len(list(page.one("section", aria_labelledby="pictures").all("img"))) == 4  # and frame-007, alone
    for image in layers[0].all("img"):
        assert site.client.get(image.attributes["src"]).content == PNG
    (slider,) = [field for field in layers[0].all("input") if field.attributes["type"] == "range"]
    assert slider.attributes["max"] == "2"

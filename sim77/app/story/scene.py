"""A scene as it is told: its texts with the figures of its own comparison."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sim77.app.story.figures import filled
from sim77.app.story.story import TEXTS, Story
from sim77.report.locale import LANGUAGES


def scene_text(story: Story, number: int, compared: Mapping[str, Any]) -> dict[str, Any]:
    """Return a scene as the browser shows it.

    Parameters
    ----------
    story : Story
    number : int
        From 0.
    compared : mapping
        The comparison of the scene; may be empty while it is computed.
    """
    scene = story.scenes[number]
    return {
        "story": story.name,
        "scene": number,
        "of": len(story.scenes),
        **{
            key: {
                language: filled(scene.texts[key][language], compared, language)
                for language in LANGUAGES
            }
            for key in TEXTS
        },
        "seeds": len(compared.get("seeds", ())),
        "complete": bool(compared),
    }

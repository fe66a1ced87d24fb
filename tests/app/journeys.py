"""What journeys in a browser have in common: opening, waiting, reading what is shown."""

import re
from collections.abc import Callable
from typing import Any

from tests.app.conftest import Server, wait_for

LATER = 30.0
CLIPPED = """() => {
  const inside = (text, box) =>
    text.left >= box.left - 2 && text.right <= box.right + 2 &&
    text.top >= box.top - 3 && text.bottom <= box.bottom + 3;
  const found = [];
  for (const node of document.querySelectorAll(".s77-root *")) {
    const own = [...node.childNodes].filter((each) => each.nodeType === 3 && each.data.trim());
    if (!own.length || node.closest(".s77-sr,[hidden],select,.s77-skips,title")) continue;
    const style = getComputedStyle(node);
    if (style.visibility === "hidden" || !node.getClientRects().length) continue;
    const range = document.createRange();
    range.selectNodeContents(own[0]);
    const text = range.getBoundingClientRect();
    if (!text.width) continue;
    for (let at = node; at && !at.classList.contains("s77-root"); at = at.parentElement) {
      const look = getComputedStyle(at);
      // What scrolls can be reached, and an ellipsis says that there is more.
      if (/auto|scroll/.test(look.overflowX + look.overflowY)) break;
      if (look.textOverflow === "ellipsis" || look.clipPath !== "none") break;
      if (look.overflowX === "hidden" && !inside(text, at.getBoundingClientRect())) {
        found.push(own[0].data.trim().slice(0, 60));
        break;
      }
    }
  }
  return found;
}"""
"""Return the texts that an element without a scroll bar cuts off."""


def open_page(page: Any, server: Server, query: str = "view=explore&lang=en") -> list[str]:
    """Open the app, wait for its map, and return every address asked for, also later."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{server.url}/?{query}")
    wait_for(lambda: page.locator("svg path").count() >= 507)
    return asked


def watch(page: Any) -> list[str]:
    """Return a list to which every error of the page, and every box that it opens, is added."""
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("dialog", lambda dialog: (wrong.append(dialog.message), dialog.dismiss()))
    return wrong


def settled(page: Any) -> None:
    """Wait until all draws are in and nothing is being computed."""
    wait_for(lambda: page.evaluate(
        """() => Boolean(document.querySelector(".s77-root h1")) &&
        !document.querySelector(".s77-root.s77-busy, .s77-progress.s77-on")"""
    ) and page.locator(".s77-communes path:not(.s77-none)").count() > 200)  # fmt: skip


def figure(page: Any, label: str) -> str:
    """Return the number under a key figure's label, as it is shown."""
    text = page.locator(".s77-kf").inner_text()
    found = re.search(re.escape(label) + r"\s+(?:A\s+)?([−\d][\d.,]*)", text)
    return found.group(1).replace(",", "").replace("−", "-") if found else ""


def shows(page: Any, selector: str) -> Callable[[str], bool]:
    """Return a function that says whether the text of an element holds some words."""
    return lambda words: words in page.locator(selector).first.inner_text()


def query_of(page: Any) -> str:
    return str(page.evaluate("location.search")).removeprefix("?")


def fills(page: Any, selector: str = ".s77-communes") -> str:
    """Return the classes of all communes of a map: what a person sees of its values."""
    return str(page.locator(selector).first.evaluate(
        "(layer) => [...layer.children].map((path) => path.getAttribute('class')).join()"
    ))  # fmt: skip


def drag(page: Any, selector: str, share: float) -> None:
    """Drag a slider's handle with the mouse to a share of its track."""
    slider = page.locator(selector).first
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    low, high, now = (
        float(slider.evaluate(f"(input) => input.{each}")) for each in ("min", "max", "value")
    )
    half = 0.5 * float(slider.evaluate("(input) => parseFloat(getComputedStyle(input).fontSize)"))
    track, y = box["width"] - 2 * half, box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + half + track * (now - low) / (high - low), y)
    page.mouse.down()
    page.mouse.move(box["x"] + half + track * share, y, steps=4)
    page.mouse.up()

"""What a person does in each view, with mouse, keyboard and fingers."""

import json
import re
import xml.etree.ElementTree as ElementTree
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.app.conftest import Server, wait_for
from tests.app.journeys import drag, fills, open_page, query_of, settled, shows, watch

pytestmark = pytest.mark.app

DAY = "by=day&day=2014-09-30"
STORY = """
title: {fr: "Essai", en: "Trial"}
scenes:
  - title: {fr: "Un", en: "One"}
    indicator: happiness
"""


def view_box(page: Any) -> str:
    return str(page.locator("svg.s77-map").first.get_attribute("viewBox"))


def told(page: Any, selector: str, value: str) -> set[Any]:
    """Return what an expression makes of each element, called ``one`` in it."""
    return set(page.locator(selector).evaluate_all(f"(all) => all.map((one) => {value})"))


# Explore -----------------------------------------------------------------------------------


def test_explore_the_map_by_hand_and_by_keyboard(page: Any, server: Server) -> None:
    wrong = watch(page)
    open_page(page, server, f"view=explore&lang=en&{DAY}")
    settled(page)
    minutes = fills(page)
    page.locator(".s77-ind select").select_option("share_remote")
    wait_for(lambda: fills(page) != minutes)
    assert re.search(r"\d.*%", page.locator(".s77-leg").inner_text().replace("\n", " "))
    widths = told(page, ".s77-line line", "one.style.getPropertyValue('--w')")
    assert len(widths) > 5, "lines are as wide as their load"
    looks = "one.getAttribute('r') + one.getAttribute('stroke-dasharray')"
    rings = told(page, ".s77-ring-used", looks)
    assert len(rings) > 5, "rings show desks and use"
    rest = view_box(page)
    box = page.locator(".s77-mapbox").bounding_box()
    middle = (box["x"] + 0.6 * box["width"], box["y"] + 0.5 * box["height"])
    page.mouse.move(*middle)
    wait_for(lambda: page.locator(".s77-tip").is_visible())
    page.mouse.wheel(0, -400)
    wait_for(lambda: view_box(page) != rest)
    near = view_box(page)
    page.mouse.down()
    page.mouse.move(middle[0] - 80, middle[1] + 40, steps=3)
    page.mouse.up()
    wait_for(lambda: view_box(page) != near)
    assert page.locator(".s77-menu").count() == 0, "a drag is no click"
    page.keyboard.press("m")
    page.keyboard.press("0")
    wait_for(lambda: view_box(page) == rest)
    page.keyboard.press("ArrowRight")
    first = wait_for(lambda: page.locator(".s77-tip b").first.inner_text())
    page.keyboard.press("ArrowDown")
    wait_for(lambda: page.locator(".s77-tip b").first.inner_text() != first)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Open a telecentre here").click()
    wait_for(lambda: "open=" in query_of(page))
    opened = page.locator(".s77-sites li")
    wait_for(lambda: opened.count() == 1)
    opened.get_by_role("button").click()
    wait_for(lambda: "open=" not in query_of(page))
    page.keyboard.press("t")
    wait_for(lambda: page.locator("dialog tbody tr").count() == 507)
    page.keyboard.press("Escape")
    wait_for(lambda: page.locator("dialog").count() == 0)
    assert wrong == []


def test_a_card_on_the_map_follows_what_changes_under_it(page: Any, server: Server) -> None:
    open_page(page, server, f"view=explore&lang=en&{DAY}")
    settled(page)
    page.keyboard.press("m")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    card = page.locator(".s77-menu")
    said = card.locator(".s77-small").first.inner_text()
    indicator = page.locator(".s77-ind select")
    indicator.select_option(index=1)
    wait_for(lambda: card.locator(".s77-small").first.inner_text() != said)
    card.get_by_role("heading").click()
    page.keyboard.press("Escape")
    wait_for(lambda: card.count() == 0)
    page.keyboard.press("m")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Open a telecentre here").click()
    wait_for(lambda: "open=" in query_of(page))
    page.keyboard.press("m")
    page.keyboard.press("Enter")
    card.get_by_role("button", name="Close this telecentre").click()
    wait_for(lambda: "open=" not in query_of(page))


def test_explore_the_year_a_line_and_the_telecentres(page: Any, server: Server) -> None:
    open_page(page, server, f"view=explore&lang=en&{DAY}")
    settled(page)
    date = shows(page, ".s77-date-now")
    assert date("Tuesday 30 September 2014")
    page.locator('.s77-cal [data-day="0"]').click()
    wait_for(lambda: date("Monday 22 September"))
    page.get_by_role("button", name="typical week").first.click()
    wait_for(lambda: date("An average Monday"))
    head = page.locator(".s77-kfhead").inner_text()
    assert head == "Over the period: mean of 10 days and 2 draws"
    line = page.locator("svg.s77-load").get_attribute("aria-label")
    select = page.locator(".s77-fighead select")
    select.select_option(index=(select.evaluate("(one) => one.selectedIndex") + 1) % 2)
    wait_for(lambda: page.locator("svg.s77-load").get_attribute("aria-label") != line)
    wait_for(lambda: "place=line" in page.evaluate("location.search"))
    assert page.locator(".s77-loadbar").count() > 0
    assert page.locator(".s77-sitebox tbody tr").count() > 0
    page.locator(".s77-figure", has_text="Telecentres").get_by_role("button", name="table").click()
    heads = page.locator("dialog thead").inner_text()
    assert all(word in heads for word in ("desks", "used", "refused", "revenue", "costs"))


def test_a_lever_tells_its_source_is_dated_bounded_and_reset(page: Any, server: Server) -> None:
    open_page(page, server, f"view=explore&lang=en&{DAY}")
    settled(page)
    lever = page.locator('.s77-lever[data-lever="price_day"]')
    lever.get_by_role("button", name="Unit, range and source").click()
    note = lever.locator(".s77-lever-note").inner_text()
    assert all(word in note for word in ("Range", "60\u00a0€", "Source", "EC-21"))
    box = lever.locator(".s77-number")
    box.fill("9999")
    box.press("Enter")
    wait_for(lambda: "Set to 60" in lever.inner_text())
    box.fill("a lot")
    box.press("Enter")
    wait_for(lambda: "not a number" in lever.inner_text())
    wait_for(lambda: "l.price_day=60" in query_of(page))
    lever.get_by_role("button", name="Give a date").click()
    wait_for(lambda: "l.price_day=2014-09-30..=60" in query_of(page))
    lever.get_by_role("button", name="Reset").click()
    wait_for(lambda: "l.price_day" not in query_of(page))
    lever.locator(".s77-lever-target select").select_option(index=1)
    wait_for(lambda: "l.price_day@" in query_of(page))
    only = page.locator('.s77-lever[data-lever^="price_day@"]')
    only.get_by_role("button", name="Reset").click()
    wait_for(lambda: only.count() == 0)


def test_fingers_zoom_and_pan(browser: Any, server: Server) -> None:
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    phone = context.new_page()
    phone.set_default_timeout(60_000)
    open_page(phone, server, f"view=explore&lang=en&{DAY}")
    settled(phone)
    rest = view_box(phone)
    box = phone.locator(".s77-mapbox").first.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    session = context.new_cdp_session(phone)

    def touch(kind: str, *points: tuple[float, float]) -> None:
        told = [{"x": px, "y": py, "id": finger} for finger, (px, py) in enumerate(points)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": told})

    touch("touchStart", (x - 20, y), (x + 20, y))
    for apart in (40, 70, 100):
        touch("touchMove", (x - apart, y), (x + apart, y))
    touch("touchEnd")
    wait_for(lambda: view_box(phone) != rest)
    phone.get_by_role("button", name=re.compile("Levers")).tap()
    wait_for(lambda: phone.locator(".s77-lev").is_visible())
    phone.get_by_role("button", name="Close").first.tap()
    wait_for(lambda: not phone.locator(".s77-lev").is_visible())
    phone.get_by_role("button", name="Menu").tap()
    phone.get_by_role("button", name="Why").tap()
    wait_for(lambda: "view=why" in query_of(phone))
    context.close()


# Compare -----------------------------------------------------------------------------------


def test_compare_is_what_opens_and_tells_how_sure_it_is(page: Any, server: Server) -> None:
    wrong = watch(page)
    open_page(page, server, "lang=en")
    settled(page)
    assert page.locator(".s77-compare").count() == 1
    assert page.locator(".s77-effint", has_text=" to ").count() >= 4
    veil = page.locator(".s77-big .s77-veil").first
    wait_for(lambda: veil.get_attribute("d"))
    assert page.locator(".s77-sankey .s77-ribbon").count() > 0
    assert page.locator(".s77-claims b").count() > 0, "claims have verdicts"
    for tab in ("Commutes", "Communes", "Occupations"):
        page.get_by_role("button", name=tab, exact=True).click()
        wait_for(lambda: page.locator(".s77-winners").inner_text())
        assert (
            "less with B: +\u00a0gains, −\u00a0loses" in page.locator(".s77-effects").inner_text()
        )
    assert page.locator(".s77-bars li").count() == 5
    page.get_by_role("button", name="Show the interval with different draws").click()
    assert page.locator(".s77-freeband").count() > 0
    heading = shows(page, ".s77-bighead")
    difference = fills(page, ".s77-big .s77-communes")
    page.keyboard.down("a")
    wait_for(lambda: heading("A: No telecentres"))
    assert fills(page, ".s77-big .s77-communes") != difference
    page.keyboard.up("a")
    wait_for(lambda: heading("Difference"))
    page.get_by_role("button", name="One map, a divider between A and B").click()
    divider = page.get_by_role("slider", name="Divider between A and B")
    divider.press("ArrowRight")
    wait_for(lambda: divider.get_attribute("aria-valuenow") == "52")
    box = divider.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] - 120, box["y"] + box["height"] / 2, steps=3)
    page.mouse.up()
    wait_for(lambda: float(divider.get_attribute("aria-valuenow")) < 40)
    page.get_by_role("button", name="Change a lever of B").click()
    wait_for(lambda: page.locator(".s77-lev input").first.is_visible())
    page.keyboard.press("Escape")
    page.locator(".s77-totable button").first.click()
    wait_for(lambda: page.locator("dialog tbody tr").count() > 20)
    page.keyboard.press("Escape")
    page.locator("h1").click()
    page.keyboard.press("x")
    wait_for(lambda: "a=network-2014&b=no-telecentres" in query_of(page))
    assert wrong == []


def test_a_swap_says_that_moved_levers_stay_on_b(page: Any, server: Server) -> None:
    open_page(page, server, "lang=en&l.price_day=4")
    settled(page)
    page.get_by_role("button", name="Swap scenarios, levers stay on B").click()
    wait_for(lambda: "a=network-2014&b=no-telecentres" in query_of(page))
    assert "l.price_day=4" in query_of(page)
    assert "still apply to B" in page.locator(".s77-banner").first.inner_text()
    page.locator(".s77-lev").get_by_role("button", name="Reset all").dispatch_event("click")
    page.get_by_role("button", name="Swap A and B", exact=True).wait_for()


# Why ---------------------------------------------------------------------------------------


def test_why_colours_its_map_by_the_classes_of_the_comparison(page: Any, server: Server) -> None:
    """They come after the runs, which are painted first by classes for any scenario."""
    open_page(page, server, "view=why&lang=en&l.price_day=13")  # computed for no other test
    settled(page)

    def share_of_the_most() -> float:
        classes = [each for each in fills(page).split(",") if each != "s77-none"]
        return Counter(classes).most_common(1)[0][1] / len(classes)

    wait_for(lambda: share_of_the_most() < 0.5, 10.0)
    wait_for(lambda: page.locator(".s77-whylegend .s77-breaks").is_visible())
    of_why = fills(page)
    page.locator(".s77-tabs").get_by_text("Explore").click()
    wait_for(lambda: "view=explore" in query_of(page))
    wait_for(lambda: fills(page) == of_why)


def test_why_leads_from_a_telecentre_to_its_users(page: Any, server: Server) -> None:
    open_page(page, server, "view=why&lang=en")
    settled(page)
    page.locator(".s77-story").get_by_role("button").first.click()
    wait_for(lambda: "place=telecentre" in query_of(page))
    wait_for(lambda: page.locator(".s77-placehead h2").inner_text() != "")
    assert not page.locator(".s77-whylegend").is_visible()


def test_why_leads_from_a_commune_to_what_would_have_changed_a_day(
    page: Any, server: Server
) -> None:
    wrong = watch(page)
    open_page(page, server, "view=why&lang=en")
    settled(page)
    page.keyboard.press("m")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    people = page.locator(".s77-personlist button")
    wait_for(lambda: people.count() > 0)
    # A week of coloured patches without its date would be taken for that of the main panel.
    week = r"Week of \d+ (September|October), A above B\."
    assert re.search(week, page.locator(".s77-placehead").inner_text())
    people.first.click()
    wait_for(lambda: page.locator(".s77-week td .s77-cell").count() == 10)
    wait_for(lambda: page.locator(".s77-sentences p").count() >= 2)
    assert page.locator("h1").inner_text().startswith("Why")
    cells = page.locator(".s77-week td .s77-cell b").all_inner_texts()
    assert all(text[0].isupper() for text in cells), cells
    whole = "(all) => all.every((one) => one.scrollWidth <= one.clientWidth)"
    assert page.locator(".s77-week td .s77-cell small").evaluate_all(whole)
    page.locator(".s77-week thead button").nth(1).click()
    wait_for(lambda: page.locator(".s77-week thead [aria-pressed=true]").count() == 1)
    wait_for(lambda: page.locator(".s77-sentences p").count() >= 2)
    if "does not work" not in page.locator("h1").inner_text():
        wait_for(lambda: page.locator(".s77-changes li").count() > 0)
    assert "worker=" in query_of(page)
    assert wrong == []


# Present -----------------------------------------------------------------------------------


def test_present_is_played_edited_and_refuses_what_it_does_not_know(
    page: Any, server: Server
) -> None:
    wrong = watch(page)
    open_page(page, server, "view=present&lang=en&story=network-tour")
    title = shows(page, ".s77-scenetext h1")
    wait_for(lambda: title("Every morning"))
    page.keyboard.press("ArrowRight")
    wait_for(lambda: title("A promise") and "scene=1" in query_of(page))
    wait_for(lambda: "…" not in page.locator(".s77-scenetext p").first.inner_text())
    with page.expect_popup() as opened:
        page.keyboard.press("n")
    notes = opened.value
    wait_for(lambda: "openings" in notes.locator("body").inner_text())
    notes.close()
    page.keyboard.press("f")
    wait_for(lambda: page.evaluate("document.fullscreenElement !== null"))
    page.keyboard.press("f")
    wait_for(lambda: page.evaluate("document.fullscreenElement === null"))
    (size,) = told(page, ".s77-scenetext h1", "parseFloat(getComputedStyle(one).fontSize)")
    assert size >= 40, "large type"
    page.get_by_role("button", name="Edit").click()
    page.get_by_label("Title (EN)").fill("My own *promise*")
    wait_for(lambda: title("My own promise"))
    page.get_by_label("Communes marked").fill("Melun ; Atlantis")
    page.get_by_label("Communes marked").press("Enter")
    wait_for(lambda: 'Unknown commune: "Atlantis"' in page.locator(".s77-editor").inner_text())
    page.get_by_role("button", name="Add the view I come from").click()
    wait_for(lambda: page.locator(".s77-scenelist li").count() == 8)
    with page.expect_download() as saved:
        page.get_by_role("button", name=re.compile("Save|Export")).last.click()
    assert "My own *promise*" in Path(saved.value.path()).read_text(encoding="utf-8")
    page.locator(".s77-editor input[type=file]").set_input_files(
        {"name": "wrong.yaml", "mimeType": "text/yaml", "buffer": STORY.encode()}
    )
    wait_for(lambda: 'scene 1: Unknown indicator: "happiness"'
             in page.locator(".s77-editor").inner_text())  # fmt: skip
    # Longer than the server takes: said by the page, which stays connected.
    page.locator(".s77-editor input[type=file]").set_input_files(
        {"name": "long.yaml", "mimeType": "text/yaml", "buffer": b"#" * 3_000_000}
    )
    wait_for(lambda: "the text is too long" in page.locator(".s77-editor").inner_text())
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    wait_for(lambda: page.locator(".s77-compare").count() == 1)
    assert wrong == []


def test_a_slide_hides_the_picture_of_the_one_before_and_is_read_out_once_it_is_computed(
    page: Any, server: Server
) -> None:
    # Seen by the page itself, in one frame: a small simulation ends between two questions.
    page.add_init_script("""
      new MutationObserver(() => requestAnimationFrame(() => {
        const computing = document.querySelector(".s77-computing");
        const picture = document.querySelector(".s77-picture");
        window.computing ??= computing && {
          said: computing.innerText,
          picture: picture.checkVisibility({ visibilityProperty: true }),
          source: document.querySelector(".s77-sourceline").innerText,
        };
      })).observe(document, { childList: true, subtree: true });
    """)
    open_page(page, server, "view=present&story=network-tour&scene=1&lang=en&seed=11")
    seen = wait_for(lambda: page.evaluate("window.computing"))
    assert seen["said"] == "Computing"
    assert not seen["picture"]
    assert seen["source"].startswith("computing: No telecentres and")
    computing, picture = page.locator(".s77-computing"), page.locator(".s77-picture")
    settled(page)
    wait_for(lambda: computing.count() == 0 and picture.is_visible())
    # A screen reader hears the scene once its figures are there.
    text, said = page.locator(".s77-scenetext p").first, page.locator(".s77-live")
    wait_for(lambda: "–" not in text.inner_text() and text.inner_text() in said.inner_text(), 30)
    assert page.locator(".s77-sourceline").inner_text().startswith("simulated: No telecentres")
    assert page.locator(".s77-sample").inner_text() != ""
    assert page.locator(".s77-sample code").count() == 0, "a command is nothing for a room"


def test_present_gives_back_what_was_chosen_before(page: Any, server: Server) -> None:
    open_page(page, server, "view=explore&lang=en&b=network-2014-observed&l.price_day=4")
    settled(page)
    page.keyboard.press("4")
    wait_for(lambda: "story=" in query_of(page) and "l.price_day" not in query_of(page))
    page.keyboard.press("ArrowRight")
    wait_for(lambda: "scene=1" in query_of(page))
    page.locator("[title=Français]").dispatch_event("click")
    wait_for(lambda: "lang=en" not in query_of(page))
    page.keyboard.press("Escape")
    page.locator(".s77-explore").wait_for()
    wait_for(lambda: "l.price_day=4" in query_of(page))
    assert "b=network-2014-observed" in query_of(page)
    # The next time the story goes on where it was left.
    page.keyboard.press("4")
    wait_for(lambda: shows(page, ".s77-scenefoot")("2 / "))
    wait_for(lambda: "l.price_day" not in query_of(page))


def test_the_back_button_goes_back_through_views_and_places(page: Any, server: Server) -> None:
    wrong = watch(page)
    open_page(page, server, "view=explore&lang=en")
    settled(page)
    page.evaluate("window.stays = history.length")
    drag(page, '.s77-lever[data-lever="desks"] input[type=range]', 0.7)
    wait_for(lambda: "l.desks=" in query_of(page))
    assert page.evaluate("history.length === stays"), "a lever is no step of its own"
    page.keyboard.press("2")
    wait_for(lambda: "view=explore" not in query_of(page))
    page.keyboard.press("4")
    wait_for(lambda: "story=" in query_of(page))
    page.keyboard.press("ArrowRight")
    wait_for(lambda: "scene=1" in query_of(page))
    page.go_back()
    page.locator(".s77-compare").wait_for()
    wait_for(lambda: "view=" not in query_of(page))
    page.go_back()
    page.locator(".s77-explore").wait_for()
    wait_for(lambda: "view=explore" in query_of(page))
    page.go_forward()
    page.go_forward()
    wait_for(lambda: shows(page, ".s77-scenefoot")("2 / "))
    assert page.evaluate("stays") > 0, "the page was never loaded again"
    assert wrong == []


# Share and export --------------------------------------------------------------------------


def test_what_is_seen_leaves_as_files_and_as_an_address(
    page: Any, browser: Any, server: Server
) -> None:
    open_page(page, server, "lang=fr&l.price_day=4&theme=dark")
    settled(page)
    page.get_by_role("button", name="Exporter").click()

    def saved(button: str) -> bytes:
        with page.expect_download() as download:
            page.locator("dialog").get_by_role("button", name=button, exact=True).click()
        return Path(download.value.path()).read_bytes()

    assert saved("PNG").startswith(b"\x89PNG")
    pdf = saved("PDF")
    assert pdf.startswith(b"%PDF-1.4") and pdf.rstrip().endswith(b"%%EOF")
    start = int(pdf.split(b"startxref\n")[1].split()[0])
    assert pdf[start:].startswith(b"xref"), "its table of parts is where it says"
    drawn = ElementTree.fromstring(saved("SVG"))
    texts = " ".join("".join(node.itertext()) for node in drawn.iter() if node.tag.endswith("text"))
    assert "Réseau annoncé pour 2014" in texts and "graine\u00a01" in texts
    table = saved("Communes (CSV)").decode().splitlines()
    assert len(table) == 508 and "Trajet évité par actif (min), B − A" in table[0]
    shapes = json.loads(saved("Carte (GeoJSON)"))
    assert len(shapes["features"]) == 507 and shapes["units"]
    page.keyboard.press("Escape")
    other = browser.new_context().new_page()
    open_page(other, server, query_of(page))
    settled(other)
    for selector in ("h1", ".s77-efflist"):
        assert other.locator(selector).inner_text() == page.locator(selector).inner_text()
    other.context.close()


def drawn_texts(picture: bytes) -> list[str]:
    """Return every text of an exported SVG."""
    nodes = ElementTree.fromstring(picture).iter("{http://www.w3.org/2000/svg}text")
    return [" ".join("".join(node.itertext()).replace("\u202f", " ").split()) for node in nodes]


def test_a_picture_of_explore_stands_without_the_page(page: Any, server: Server) -> None:
    open_page(page, server, "view=explore&lang=fr&by=year")
    settled(page)
    # Narrower than its first word: that one is cut, not left out.
    page.add_style_tag(
        content=".s77-root .s77-kf p{width:2.4em;white-space:nowrap;overflow:hidden}"
        ".s77-root .s77-kf{border:2px solid rgb(1, 2, 3);border-radius:9px}"
    )
    page.get_by_role("button", name="Exporter").click()
    with page.expect_download() as download:
        page.locator("dialog").get_by_role("button", name="SVG", exact=True).click()
    picture = Path(download.value.path()).read_bytes()
    # A colour that only the page knows would be black in the file.
    assert b"stop-color" in picture and b"var(--paper)" not in picture
    # A border that is the same all around follows its corners.
    edges = [each.attrib for each in ElementTree.fromstring(picture).iter()
             if each.get("stroke") == "rgb(1, 2, 3)"]  # fmt: skip
    assert [(each["fill"], each["rx"]) for each in edges] == [("none", "8.0")]
    texts = drawn_texts(picture)
    foot = " ".join(texts[-2:])
    assert "2014, en moyenne" in foot
    assert "INSEE" in foot and "OpenStreetMap" in foot and "ci-dessous" not in foot
    cut = [text[:-1] for text in texts if len(text) > 1 and text.endswith("…")]
    labels = page.locator(".s77-kf p").all_inner_texts()
    assert labels and all(any(label.startswith(text) for text in cut) for label in labels)
    sites = page.locator(".s77-sitename").all_inner_texts()
    assert sites and all(any(text.startswith(site[:4]) for text in texts) for site in sites)


def test_legends_of_why_and_of_slides_name_every_mark_on_their_maps(
    page: Any, server: Server
) -> None:
    wrong = watch(page)
    for view, legend in (
        ("view=why", ".s77-whylegend"),
        ("view=present&story=network-tour&scene=1", ".s77-scenelegend"),
    ):
        open_page(page, server, f"lang=en&{view}")
        settled(page)
        keys = page.locator(f"{legend} .s77-legmore")
        for words in ("100 desks", "refusals", "riders, peak hour"):
            wait_for(lambda keys=keys, words=words: words in keys.inner_text())
    assert wrong == []

"""The fixed vocabularies: the order of the names is the order of the indices in every array.

Units are said in names: ``_min`` minutes, ``_km`` kilometres, ``_km2`` square kilometres, ``_kmh``
kilometres an hour, ``_eur`` euros, ``_kg_co2e`` kilograms of CO₂ equivalent, ``_kwh`` kilowatt
hours; ``share_`` a fraction from 0 to 1.
"""

from enum import IntEnum

OCCUPATION_GROUPS = ("managers", "intermediate", "clerical", "manual", "independents")
"""Cadres, professions intermédiaires, employés, ouvriers, and artisans, commerçants and heads of
firms, who have no employer."""

EMPLOYER_SIZES = ("under-10", "10-49", "50-249", "250-plus", "public")
NO_EMPLOYER = -1

SHIPPED_POSTERIOR = "shipped"
"""The name of the posterior that comes with sim77, beside those that are files."""

AREA_TYPES = ("core", "inner", "outer-urban", "outer-rural")
"""Of zones, by density: the centre, the suburbs next to it, other towns, the country."""
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")
DAYS_OF_WEEK = (*WEEKDAYS, "saturday", "sunday")
"""As calendars of timetables name them."""
ALL_WEEKDAYS = (1 << len(WEEKDAYS)) - 1
"""As bits."""
MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)

LANGUAGES = ("fr", "en")

PLAN_KINDS = ("office", "half", "home", "telecentre")


NOT_SEEN = 255
"""Office half-days of a weekday on which a worker was not at work."""


class Plan(IntEnum):
    """What a worker does on a day."""

    NOT_AT_WORK = -1
    OFFICE = 0
    HALF = 1
    HOME = 2
    TELECENTRE = 3


MODES = ("public-transport", "car", "bicycle", "walk")
"""The modes to the office."""

OFFICE_COLUMNS = tuple(f"office_{mode.replace('-', '_')}" for mode in MODES)
HALF_COLUMNS = tuple(f"half_{mode.replace('-', '_')}" for mode in MODES)
"""Columns of the results that count who goes to the office, all day or half of it, by mode."""


class Mode(IntEnum):
    """How a worker travels to the office."""

    PUBLIC_TRANSPORT = 0
    CAR = 1
    BICYCLE = 2
    WALK = 3


CENTRE_KINDS = ("telecentre", "coworking")
CENTRE_AREAS = ("urban", "rural")
SERVICES = (
    "service_reception", "service_meeting_rooms", "service_videoconference", "service_cafeteria",
    "space_collaborative", "space_confidential", "space_lounge",
)  # fmt: skip
"""What telecentres offer their users besides desks; flags of the territory's table."""


class AccessMode(IntEnum):
    """How a worker gets to a station or a telecentre."""

    WALK = 0
    CAR = 1
    BICYCLE = 2
    BUS = 3


ACCESS_MODES = tuple(mode.name.lower() for mode in AccessMode)

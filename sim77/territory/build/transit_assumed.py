"""What a timetable does not say, assumed: each number stands here and nowhere else.

Speeds and weights that a run reads too are those of the parameter registry.
"""

WAIT_MAX_MIN = 8.0
"""Longest wait for a train: half the headway and at most this, as riders know the timetable."""

TRANSFER_MIN = 4.0
"""Minutes of a change of trains, at least."""

WALK_MAX_KM = 3.0
"""Longest crow-fly walk to a stop. Others are worth more long before, so that it rules nothing."""

STATION_CAR_SPEED_KMH = 30.0
"""Speed by car to a station."""

HEADWAY_MIN = {"metro": 2.5, "tram": 6.0}
"""Minutes between departures in the morning peak where only minutes between stations are known; a
branch has its part."""

SEATS_AND_PLACES = {
    "rer": (1000, 2500), "train": (900, 1800), "metro": (170, 700), "tram": (60, 250),
}  # fmt: skip
"""Of a train, where no table of lines gives them."""

HIDDEN_WAIT_SHARE = 0.3
"""Minutes of wait by minute of half headway beyond `WAIT_MAX_MIN`. Riders know the
timetable of rare trains, yet one more train still spares them some of the time that it costs to
leave earlier or later than they would; without it a second train an hour would be worth nothing."""

SAME_STATION_KM = 0.5
"""Stops of one name are one station up to this crow-fly distance."""

TRANSFER_KM = 0.5
"""Longest crow-fly walk from one station to another within a journey."""

THROUGH_RATIO = 1.15
"""A train runs through the stations of its line that lengthen its way by less than this factor."""

PATH_SCALE_PER_MIN = 0.15
"""Scale of the logit among stops and ways to them, by perceived minute: of two ways 5 minutes apart
two thirds take the better one, of two 15 minutes apart nine tenths."""

BUS_LINE_KM = 3.0
"""Crow-fly distance that one bus covers: a journey by bus alone changes once more for each further
one. A bus to or from a station is a change too."""

BUS_REACH_KM = {"core": 3.0, "inner": 5.0, "outer-urban": 8.0, "outer-rural": 10.0}
BICYCLE_REACH_KM = {"core": 0.0, "inner": 5.0, "outer-urban": 5.0, "outer-rural": 5.0}
CAR_REACH_KM = {"core": 0.0, "inner": 5.0, "outer-urban": 12.0, "outer-rural": 20.0}
"""Crow-fly reach of a way to a station with trains, by the area where one lives. In the core
stations are reached on foot or by bus."""

METRO_REACH_KM = 3.0
"""The same for metro and tram, at most, and from outside the core only."""

PARKING_MIN = {"core": 20.0, "inner": 4.0, "outer-urban": 2.0, "outer-rural": 0.0}
"""Minutes more to park at a station than the registry has, by the area of the station: car parks
are full there, and their places are not known."""

SHORTEST_BUS_KM = 1.0
"""Crow-fly distance that a journey by bus alone has at least: one point stands for a zone."""

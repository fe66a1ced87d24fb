"""The small run on which the app's tests are done: a few weeks of a sample of the workers."""

import datetime as dt

SCALE, SEEDS = 0.05, 2
START, END = dt.date(2014, 9, 22), dt.date(2014, 10, 3)

"""Importing this loads the compiled loops: a server that has done so forks processes with them.

Each process would otherwise read them from files, which takes a second.
"""

from sim77.analysis.calibrate.evaluations import evaluate
from sim77.analysis.calibrate.profile import make_profile
from sim77.analysis.calibrate.study import study_of

_SMALL = {"title": {"en": "small"}, "anchors": ["2022"], "free": {"theta": {}}, "scale": 0.005}

# So few workers that no loop is shared: a process that has started threads cannot be forked.
evaluate(make_profile(study_of(_SMALL, "small")).evaluation({"theta": 0.5}))

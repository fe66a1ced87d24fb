"""Calibration: targets, what a run says of them, solved constants and approximate Bayes.

The page to read first is `sim77.analysis.calibrate.calibrate`: a calibration from its study file to
its tables, in order.
"""

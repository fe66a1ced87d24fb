"""A calibration against observations that no fit has seen."""

"""What many runs tell: comparisons, sweeps, siting, calibration; tables, no words."""

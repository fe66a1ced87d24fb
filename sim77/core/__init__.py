"""What everything else stands on: errors, units, draws, the calendar, intervals, YAML."""

#!/bin/sh
# Runs the study and writes its report here; try --dry-run.
exec "$(dirname "$0")/../study.sh" desk-capacity-price 'effect_minutes_saved > 0' "$@"

#!/bin/sh
# Runs the study and writes its report here; try --dry-run.
exec "$(dirname "$0")/../study.sh" co2-uncertainties 'effect_co2e_total_kg < 100' "$@"

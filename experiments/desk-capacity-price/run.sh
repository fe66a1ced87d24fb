#!/bin/sh
# Runs the study and writes its report here; try --dry-run.
exec "$(dirname "$0")/../study.sh" desk-capacity-price 'effect_refusals < 100 & effect_centre_margin_eur > -10000' "$@"

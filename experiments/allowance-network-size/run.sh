#!/bin/sh
# Runs the study and writes its report here; try --dry-run.
exec "$(dirname "$0")/../study.sh" allowance-network-size 'effect_telecentre_users_per_day > 100' "$@"

#!/bin/sh
# Runs the study and writes its report here; try --dry-run.
exec "$(dirname "$0")/../study.sh" rural-survival 'centre_margin_eur > 0' "$@"

#!/bin/sh
# Runs the study into out/desk-capacity-price (re-running resumes; try --dry-run) and writes its report here.
set -e
cd "$(dirname "$0")/../.."
sim77 sweep experiments/desk-capacity-price/study.yaml --out out/desk-capacity-price "$@"
sim77 report out/desk-capacity-price --where 'effect_minutes_saved > 0' --out experiments/desk-capacity-price/report.html

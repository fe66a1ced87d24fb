#!/bin/sh
# Runs the study into out/allowance-network-size (re-running resumes; try --dry-run) and writes its report here.
set -e
cd "$(dirname "$0")/../.."
sim77 sweep experiments/allowance-network-size/study.yaml --out out/allowance-network-size "$@"
sim77 report out/allowance-network-size --where 'effect_co2e_total_kg < 0' --out experiments/allowance-network-size/report.html

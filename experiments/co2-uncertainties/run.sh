#!/bin/sh
# Runs the study into out/co2-uncertainties (re-running resumes; try --dry-run) and writes its report here.
set -e
cd "$(dirname "$0")/../.."
sim77 sweep experiments/co2-uncertainties/study.yaml --out out/co2-uncertainties "$@"
sim77 report out/co2-uncertainties --where 'effect_co2e_total_kg < 100' --out experiments/co2-uncertainties/report.html

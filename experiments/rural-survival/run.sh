#!/bin/sh
# Runs the study into out/rural-survival (re-running resumes; try --dry-run) and writes its report here.
set -e
cd "$(dirname "$0")/../.."
sim77 sweep experiments/rural-survival/study.yaml --out out/rural-survival "$@"
sim77 report out/rural-survival --where 'centre_margin_eur > 0' --out experiments/rural-survival/report.html

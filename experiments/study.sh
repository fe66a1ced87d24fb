#!/bin/sh
# study.sh NAME CONDITION [options of sim77 sweep]: runs experiments/NAME into out/NAME (re-running
# resumes) and writes its report and tables beside the study; with --dry-run only says how long.
set -e
cd "$(dirname "$0")/.."
name=$1 condition=$2
shift 2
sim77 sweep "experiments/$name/study.yaml" --out "out/$name" "$@"
case " $* " in *" --dry-run "*) exit ;; esac
sim77 report "out/$name" --where "$condition" --out "experiments/$name/report.html"

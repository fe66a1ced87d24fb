#!/bin/sh
# Runs every study, one after the other, writes their reports, tables and notebooks again, and puts
# the studies into the package, where the app shows them.
#   experiments/run_all.sh             goes on with the runs that are in out/
#   experiments/run_all.sh --dry-run   says how long each would take, and runs nothing
#   experiments/run_all.sh --anew      throws the runs in out/ away first, as after a change of the
#                                      parameters or of the model, when a store refuses to go on
set -e
cd "$(dirname "$0")/.."
anew=
if [ "$1" = --anew ]; then
  anew=yes
  shift
fi
for study in desk-capacity-price allowance-network-size co2-uncertainties rural-survival \
  next-nine-sites notebooks; do
  echo "== $study"
  [ -z "$anew" ] || rm -rf "out/$study"
  "experiments/$study/run.sh" "$@"
done
case " $* " in *" --dry-run "*) exit ;; esac
python -m experiments.ship

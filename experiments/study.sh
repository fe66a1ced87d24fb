#!/bin/sh
# Runs studies into out/NAME and writes their reports to out/reports; run again, it goes on.
#   experiments/study.sh NAME ...          these studies (all: every one, the notebooks last)
#   experiments/study.sh --dry-run NAME    says how long it would take
#   experiments/study.sh --report NAME     only the report, from the runs that ship with sim77
#   experiments/study.sh --again NAME       throws out/NAME away first: after a change of the model or
#                                          of a parameter, when a store refuses to go on
set -e
cd "$(dirname "$0")/.."
do=run
case $1 in --*) do=${1#--}; shift ;; esac
studies="desk-capacity-price allowance-network-size co2-uncertainties rural-survival next-nine-sites"
[ "$1" != all ] || set -- $studies notebooks
mkdir -p out/reports

for name in "$@"; do
  echo "== $name"
  runs=out/$name dry=
  case $do in
    again) rm -rf "$runs" ;;
    report) runs=sim77/analysis/data/studies/$name ;;
    dry-run) dry=--dry-run ;;
  esac
  # What a report looks for: the condition of PRIM and CART.
  case $name in
    allowance-network-size) where='effect_centre_users > 100' ;;
    co2-uncertainties) where='effect_co2e_total_kg < 400' ;;
    desk-capacity-price) where='effect_refusals < 100 & effect_centre_margin_eur > -10000' ;;
    rural-survival) where='centre_margin_eur > 0' ;;
    next-nine-sites)
      [ $do = report ] || sim77 site --sites 9 --robust --out "$runs" --overwrite $dry
      [ $do != report ] || python -c "
import sim77
sim77.save(sim77.load('$name'), 'out/reports/$name', overwrite=True)"
      continue ;;
    notebooks) [ $do = report ] || experiments/notebooks/run.sh $dry; continue ;;
    *) echo "unknown study '$name': one of $studies, notebooks, all" >&2; exit 2 ;;
  esac
  [ $do = report ] || sim77 sweep "experiments/$name/study.yaml" --out "$runs" $dry
  [ $do = dry-run ] || sim77 report "$runs" --where "$where" --out "out/reports/$name.html"
done

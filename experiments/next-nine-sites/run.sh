#!/bin/sh
# Looks for the next nine sites beside the network of 2022 and leaves plan, tables and page here;
# with --dry-run only says how long it would take.
set -e
cd "$(dirname "$0")/../.."
found=out/next-nine-sites here=experiments/next-nine-sites
sim77 site --sites 9 --robust --out "$found" --overwrite "$@"
case " $* " in *" --dry-run "*) exit ;; esac
cp "$found/site.html" "$here/report.html"
cp "$found/plan.yaml" "$here/plan.yaml"
rm -rf "$here/report-tables"
mkdir "$here/report-tables"
cp "$found"/*.csv "$here/report-tables/"

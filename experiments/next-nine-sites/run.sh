#!/bin/sh
# Looks for the next nine sites beside the network of 2022, and leaves plan, tables and page here.
set -e
cd "$(dirname "$0")/../.."
sim77 site --sites 9 --robust --out out/next-nine-sites --overwrite "$@"
cp out/next-nine-sites/site.html experiments/next-nine-sites/report.html
cp out/next-nine-sites/plan.yaml experiments/next-nine-sites/plan.yaml

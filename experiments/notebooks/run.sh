#!/bin/sh
# Makes the results that the notebooks read (the sweep is that of desk-capacity-price, which is run
# first) and runs the notebooks, so that they show what is stored.
set -e
cd "$(dirname "$0")/../.."
case " $* " in *" --dry-run "*) echo "About a minute: two short runs and three notebooks."; exit ;; esac
data=experiments/notebooks/data
sim77 run network-2014 --scale 0.1 --from 2014-09-01 --to 2014-11-28 \
  --out out/run --overwrite --quiet
sim77 compare hybrid-2022-no-telecentres hybrid-2022 --seeds 5 --scale 0.1 \
  --from 2022-03-01 --to 2022-05-31 --out out/comparison --overwrite --quiet
for made in run comparison; do
  rm -rf "$data/$made"
  mkdir "$data/$made"
  cp out/$made/manifest.json out/$made/*.parquet "$data/$made/"
done
rm -rf "$data/sweep"
mkdir -p "$data/sweep/runs"
for file in manifest.json study.yaml design.parquet; do
  cp "out/desk-capacity-price/$file" "$data/sweep/"
done
# One file in place of the many that a study leaves as it goes.
python -c "
import pyarrow.dataset, pyarrow.parquet
runs = pyarrow.dataset.dataset('out/desk-capacity-price/runs').to_table()
pyarrow.parquet.write_table(runs, '$data/sweep/runs/000001.parquet')"
jupyter execute --inplace experiments/notebooks/*.ipynb

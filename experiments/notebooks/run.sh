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
python - "$data" <<'END'
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

from experiments.ship import ship

data = Path(sys.argv[1])
# One file of runs in place of the many that a study leaves as it goes.
ship(Path("out/desk-capacity-price"), data).rename(data / "sweep")
for path in sorted(data.parent.glob("*.ipynb")):
    notebook = nbformat.read(path, as_version=4)
    here = {"metadata": {"path": str(path.parent)}}
    NotebookClient(notebook, record_timing=False, resources=here).execute()
    nbformat.write(notebook, path)
END

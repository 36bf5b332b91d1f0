#!/bin/sh
# Trains the pack: models/train/run.sh --data DATA [--out models/mini] [--work DIR] [--epochs N]
# Makes its own virtual environment beside the checkpoints; PYTHON names another interpreter, and
# TRAIN_PYTHON an environment that has the requirements and crispd already.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
if [ -z "${TRAIN_PYTHON:-}" ]; then
    venv="$here/scratch/venv"
    TRAIN_PYTHON="$venv/bin/python"
    [ -x "$TRAIN_PYTHON" ] || "${PYTHON:-python3}" -m venv "$venv"
    "$TRAIN_PYTHON" -m pip install --quiet --requirement "$here/requirements.txt"
    # crispd fits where answers end, once the pack is there
    "$TRAIN_PYTHON" -m pip install --quiet --editable "$here/../.."
fi
# Freed memory stays with the process: without this, clearing fresh pages is a tenth of a step.
export MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=100000000000 MALLOC_TOP_PAD_=200000000
PYTHONPATH="$here/.." exec "$TRAIN_PYTHON" -m train "$@"

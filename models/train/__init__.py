"""The recipe that trains the pack ``mini``. Run by ``models/train/run.sh``."""

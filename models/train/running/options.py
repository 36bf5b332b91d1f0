"""The command line of the recipe."""

from __future__ import annotations

import argparse
from pathlib import Path

from train.data.subset import LEAST
from train.fine.regions_stage import RegionsPlan
from train.fine.stage import FinePlan
from train.languages.student_stage import StudentPlan
from train.pools.heads_stage import HeadsPlan
from train.pools.whole_stage import WholePlan
from train.towers.coarse import ALIKE, Plan

HERE = Path(__file__).parents[1]
_PACKS = HERE.parent
# How long each stage is, by its option; what the card says of a run where they are others.
LENGTHS = {
    "epochs": Plan().epochs,
    "alike_epochs": ALIKE.epochs,
    "heads_epochs": HeadsPlan().epochs,
    "whole_steps": WholePlan().steps,
    "fine_epochs": FinePlan().epochs,
    "language_steps": StudentPlan().steps,
    "region_steps": RegionsPlan().steps,
}


def read_options(about: str | None) -> argparse.Namespace:
    """What was typed; ends the run where something that it names is not there."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--data", type=Path, required=True, help="folder with the photo sets")
    parser.add_argument("--out", type=Path, default=_PACKS / "mini", help="the pack")
    parser.add_argument(
        "--work", type=Path, default=HERE / "scratch", help="caches and checkpoints"
    )
    for name, usual in LENGTHS.items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=int, default=usual)
    parser.add_argument("--photos", type=int, help=f"so many of each set, {LEAST} or more: a trial")
    parser.add_argument(
        "--go-on", type=Path, help="a pack whose towers are taken instead of training them"
    )
    parser.add_argument("--dictionaries", type=Path, help="for German, French and Czech")
    parser.add_argument("--second", action="store_true", help="a second network for photos")
    parser.add_argument(
        "--regions", action="store_true", help="tokens of both networks and the detector"
    )
    parser.add_argument("--tiny", type=Path, help="the smaller pack as well, beside --out")
    parser.add_argument("--detector", type=Path, help="for objects: nanodet.json and nanodet.bin")
    parser.add_argument("--version", default="1", help="of the pack; new vectors, new version")
    parser.add_argument("--names-only", action="store_true", help="make the pack without captions")
    parser.add_argument("--remark", default="", help="a sentence for the card about this run")
    parser.add_argument("--threads", type=int, default=2)
    chosen = parser.parse_args()
    _check(parser, chosen)
    return chosen


def _check(parser: argparse.ArgumentParser, chosen: argparse.Namespace) -> None:
    """What would else be told after hours."""
    if chosen.photos is not None and chosen.photos < LEAST:
        parser.error(f"--photos takes {LEAST} or more")
    if chosen.tiny and chosen.tiny.resolve().parent != chosen.out.resolve().parent:
        parser.error(f"{chosen.tiny} does not lie beside {chosen.out}, whose files it shares")
    if chosen.regions and not (chosen.second and chosen.detector):
        parser.error("--regions needs --second and --detector")
    wanted = [chosen.data / "imagenet" / "classes.tsv"]
    if not chosen.names_only:
        wanted += [chosen.data / name / "captions.jsonl" for name in ("flickr8k", "everyday")]
        if chosen.dictionaries:
            wanted += [chosen.dictionaries / name for name in ("dictd", "annotations")]
            wanted.append(chosen.data / "sentences" / "parallel.jsonl")
        if chosen.detector:
            wanted += [chosen.detector / f"nanodet.{ending}" for ending in ("json", "bin")]
            wanted.append(chosen.data / "sentences" / "flickr30k.jsonl")
        if chosen.tiny:
            wanted.append(chosen.data / "objects.jsonl")
        if chosen.go_on:
            wanted.append(chosen.go_on / "pack.toml")
    for path in wanted:
        if not path.exists():
            parser.error(f"{path} is not there")


def decisive(chosen: argparse.Namespace) -> dict[str, object]:
    """The options that what lies in the work folder follows from."""
    aside = ("out", "tiny", "work", "threads", "remark", "names_only")
    found = {name: value for name, value in vars(chosen).items() if name not in aside}
    paths = {name: value.resolve() for name, value in found.items() if isinstance(value, Path)}
    return {**found, **paths, "pack": chosen.out.name}


def changed(chosen: argparse.Namespace) -> str:
    """The options that were not left at their defaults, as they are typed; folders by what they
    hold.
    """
    found = "".join(
        f" --{name.replace('_', '-')} {getattr(chosen, name)}"
        for name, usual in LENGTHS.items()
        if getattr(chosen, name) != usual
    )
    found += f" --photos {chosen.photos}" if chosen.photos else ""
    found += f" --go-on models/{chosen.go_on.name}" if chosen.go_on else ""
    found += " --second" if chosen.second else ""
    found += " --regions" if chosen.regions else ""
    found += " --dictionaries DICTIONARIES" if chosen.dictionaries else ""
    found += " --detector DETECTOR" if chosen.detector else ""
    return found + (f" --tiny models/{chosen.tiny.name}" if chosen.tiny else "")

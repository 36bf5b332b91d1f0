"""Sentences cut down, bent and misspelt to what people type into a search box."""

from __future__ import annotations

import random
import re

_WORD = re.compile(r"[a-z0-9']+")

# What joins words; a search box rarely sees it.
_JOINTS = frozenset(
    [
        "a",
        "an",
        "the",
        "and",
        "or",
        "of",
        "in",
        "on",
        "at",
        "by",
        "to",
        "with",
        "from",
        "into",
        "onto",
        "over",
        "under",
        "near",
        "next",
        "up",
        "down",
        "out",
        "off",
        "for",
        "as",
        "is",
        "are",
        "was",
        "were",
        "be",
        "been",
        "being",
        "am",
        "his",
        "her",
        "their",
        "its",
        "it",
        "he",
        "she",
        "they",
        "them",
        "him",
        "this",
        "that",
        "these",
        "those",
        "there",
        "who",
        "which",
        "while",
        "through",
        "across",
        "along",
        "around",
        "behind",
        "beside",
        "between",
        "above",
        "below",
        "before",
        "after",
        "during",
        "against",
        "toward",
        "towards",
        "has",
        "have",
        "had",
        "having",
        "very",
        "some",
        "other",
        "another",
        "one's",
        "what",
        "where",
        "when",
        "how",
    ]
)
# What is said of a photo as such, not of what it shows.
_FRAME = frozenset(["photo", "picture", "image", "indoor", "outdoor", "scanned", "taken"])

OTHER_SHORE = {
    "color": "colour", "colored": "coloured", "colorful": "colourful", "gray": "grey",
    "sidewalk": "pavement", "pants": "trousers", "soccer": "football", "truck": "lorry",
    "bicycle": "bike", "couch": "sofa", "cookie": "biscuit", "sweater": "jumper",
    "vacation": "holiday", "flashlight": "torch", "mom": "mum", "stroller": "pram",
    "diaper": "nappy", "airplane": "aeroplane", "candy": "sweets", "movie": "film",
    "faucet": "tap", "trash": "rubbish", "elevator": "lift", "apartment": "flat",
    "sneakers": "trainers", "mustache": "moustache", "pajamas": "pyjamas", "theater": "theatre",
    "center": "centre", "playground": "play area", "fall": "autumn", "garbage": "rubbish",
    "refrigerator": "fridge", "television": "tv", "photograph": "photo", "child": "kid",
    "children": "kids", "woman": "lady", "man": "guy", "infant": "baby", "bike": "bicycle",
}  # fmt: skip


def words(text: str) -> list[str]:
    """Lower-case words."""
    return _WORD.findall(text.lower())


def stem(word: str) -> str:
    """A word without a plural's ending; rough, and the same for every text."""
    if len(word) > 4 and word.endswith("es") and word[-3] in "sxzh":
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith("ss"):
        return word[:-1]
    return word


def meaning(text: str) -> frozenset[str]:
    """Stems of the words that say what a photo shows."""
    return frozenset(stem(w) for w in words(text) if w not in _JOINTS and w not in _FRAME)


def fragment(sentence: str, rng: random.Random) -> str:
    """One to three runs of words between joints: "black dog", "children snow"."""
    runs: list[list[str]] = [[]]
    for word in words(sentence):
        if word in _JOINTS:
            runs.append([])
        else:
            runs[-1].append(word)
    runs = [run for run in runs if run]
    if not runs:
        return sentence
    count = min(len(runs), rng.choice((1, 1, 2, 2, 3)))
    chosen = [runs[i] for i in sorted(rng.sample(range(len(runs)), count))]
    if count == 1 and len(chosen[0]) > 1 and rng.random() < 0.4:
        return rng.choice(chosen[0])
    return " ".join(" ".join(run) for run in chosen)


def misspelt(text: str, rng: random.Random) -> str:
    """A letter of one longer word swapped, lost, doubled or replaced; the first one stays."""
    parts = text.split(" ")
    long = [i for i, part in enumerate(parts) if len(part) > 3 and part.isalpha()]
    if not long:
        return text
    at = rng.choice(long)
    word = parts[at]
    i = rng.randrange(1, len(word) - 1)
    parts[at] = rng.choice(
        (
            word[:i] + word[i + 1] + word[i] + word[i + 2 :],
            word[:i] + word[i + 1 :],
            word[:i] + word[i] + word[i:],
            word[:i] + rng.choice("abcdefghijklmnopqrstuvwxyz") + word[i + 1 :],
        )
    )
    return " ".join(parts)


def across(text: str) -> str:
    """With words of the other shore, and of the nursery, where there are any."""
    return " ".join(OTHER_SHORE.get(word, word) for word in text.split(" "))


def as_typed(sentence: str, rng: random.Random) -> tuple[str, str]:
    """A fragment, now and then in other words or with a slip of the finger; and what is meant."""
    meant = typed = fragment(sentence, rng)
    if rng.random() < 0.2:
        typed = across(typed)
    if rng.random() < 0.12:
        typed = misspelt(typed, rng)
    return typed, meant


def names_of(name: str) -> list[str]:
    """A class name as a question: itself, several of it, a photo of it, one's own."""
    article = "an" if name[0].lower() in "aeiou" else "a"
    plural = name if name.endswith("s") else f"{name}s"
    return [name, plural, f"a photo of {article} {name}", f"{article} {name}", f"my {name}"]

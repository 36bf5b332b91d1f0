"""Pages that look alike and are not the same: invoices, receipts, scans, screenshots.

Made with Pillow's own font; every page of a kind has the same template and other words and numbers.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

if TYPE_CHECKING:
    from collections.abc import Callable

_NAMES = ("Weber", "Okafor", "Lindqvist", "Moreau", "Haddad", "Nowak", "Rossi", "Tanaka", "Singh")
_STREETS = ("Mill Lane", "Harbour Road", "Station Street", "Church Hill", "Oak Avenue")
_GOODS = ("Printer paper", "Oak shelf", "Garden hose", "Desk lamp", "Bicycle pump", "Wool blanket")
_WORDS = (
    "see you", "at the station", "later", "yes", "no thanks", "maybe", "tomorrow", "around seven",
    "could you bring", "bread and milk", "the train", "was late", "again", "where are they", "now",
    "call me", "when home", "did it rain", "all day",
)  # fmt: skip
_WIFI = ("FRITZ!Box 7590", "Vodafone-A1", "TP-Link_44", "Guest", "Speedport", "Living room")


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


def _date(chance: random.Random) -> str:
    return f"{chance.randint(1, 28):02}.{chance.randint(1, 12):02}.20{chance.randint(19, 26)}"


def _price(chance: random.Random) -> str:
    return f"{chance.randint(3, 480)}.{chance.randint(0, 99):02}"


def invoice(chance: random.Random) -> Image.Image:
    """A page of a shop that always looks the same; sometimes only its number and date differ."""
    page = Image.new("RGB", (1240, 1754), "white")
    draw, alone = ImageDraw.Draw(page), random.Random(7)
    draw.rectangle((0, 0, 1240, 150), fill=(28, 70, 120))
    draw.text((70, 45), "Nordlicht Hardware", fill="white", font=_font(56))
    lines = chance if chance.random() < 0.5 else alone
    for at, text in enumerate((lines.choice(_NAMES), lines.choice(_STREETS), "20095 Hamburg")):
        draw.text((70, 250 + 38 * at), text, fill="black", font=_font(28))
    draw.text((760, 250), f"Invoice {chance.randint(10000, 99999)}", fill="black", font=_font(28))
    draw.text((760, 288), f"Date {_date(chance)}", fill="black", font=_font(28))
    for at in range(8):
        y = 560 + 60 * at
        draw.line((70, y - 14, 1170, y - 14), fill=(180, 180, 180))
        draw.text((70, y), lines.choice(_GOODS), fill="black", font=_font(26))
        draw.text((760, y), str(lines.randint(1, 9)), fill="black", font=_font(26))
        draw.text((1000, y), _price(lines), fill="black", font=_font(26))
    draw.text((760, 1120), f"Total {_price(lines)} EUR", fill="black", font=_font(34))
    for at in range(4):
        draw.text((70, 1560 + 30 * at), "Payable within 14 days. " * 2, fill="grey", font=_font(20))
    return page


def receipt(chance: random.Random) -> Image.Image:
    """A slip of one shop."""
    slip = Image.new("RGB", (420, 900), (246, 245, 240))
    draw = ImageDraw.Draw(slip)
    draw.text((110, 30), "CORNER MARKET", fill="black", font=_font(26))
    draw.text((60, 90), f"{_date(chance)}  No. {chance.randint(1, 9999):04}", fill="black",
              font=_font(20))  # fmt: skip
    for at in range(14):
        draw.text((30, 150 + 40 * at), chance.choice(_GOODS), fill="black", font=_font(20))
        draw.text((320, 150 + 40 * at), _price(chance), fill="black", font=_font(20))
    draw.text((30, 760), f"TOTAL  {_price(chance)}", fill="black", font=_font(30))
    return slip


def scan(chance: random.Random) -> Image.Image:
    """A typed form of another day, from a scanner: grey, noisy, not quite straight."""
    page = Image.new("L", (1240, 1754), 244)
    draw = ImageDraw.Draw(page)
    draw.text((90, 90), "Daily report", fill=20, font=_font(44))
    draw.text((90, 170), f"Day {_date(chance)}   Sheet {chance.randint(1, 400)}", fill=30,
              font=_font(28))  # fmt: skip
    for at in range(16):
        y = 300 + 78 * at
        draw.rectangle((90, y, 1150, y + 64), outline=120)
        draw.text((110, y + 14), f"{7 + at}:00", fill=40, font=_font(26))
        if chance.random() < 0.4:
            draw.text((260, y + 14), " ".join(chance.sample(_WORDS, 4)), fill=40, font=_font(26))
    page = page.rotate(chance.uniform(-0.6, 0.6), Image.Resampling.BICUBIC, fillcolor=244)
    grain = np.random.default_rng(chance.randrange(2**32)).normal(0, 3, (1754, 1240))
    noisy = np.clip(np.asarray(page.filter(ImageFilter.GaussianBlur(0.7))) + grain, 0, 255)
    return Image.fromarray(noisy.astype(np.uint8)).convert("RGB")


def chat(chance: random.Random) -> Image.Image:
    """A conversation on a telephone."""
    screen = Image.new("RGB", (1080, 2280), (236, 229, 221))
    draw = ImageDraw.Draw(screen)
    draw.rectangle((0, 0, 1080, 190), fill=(7, 94, 84))
    draw.text((160, 80), "Anna", fill="white", font=_font(56))
    y = 240
    while y < 2000:
        mine, text = chance.random() < 0.5, " ".join(chance.sample(_WORDS, chance.randint(3, 6)))
        left = 300 if mine else 40
        draw.rounded_rectangle((left, y, left + 740, y + 120), 24,
                               fill=(220, 248, 198) if mine else "white")  # fmt: skip
        draw.text((left + 30, y + 34), text[:34], fill="black", font=_font(40))
        y += 160
    return screen


def listing(chance: random.Random) -> Image.Image:
    """A list in a dark app."""
    screen = Image.new("RGB", (1080, 2280), (18, 18, 20))
    draw = ImageDraw.Draw(screen)
    draw.text((60, 90), "Orders", fill="white", font=_font(70))
    for at in range(14):
        y = 240 + 140 * at
        draw.ellipse((60, y, 150, y + 90), fill=(60, 90, 160))
        draw.text((190, y), chance.choice(_GOODS), fill=(230, 230, 230), font=_font(42))
        draw.text((190, y + 52), _date(chance), fill=(150, 150, 150), font=_font(32))
        draw.text((860, y + 20), _price(chance), fill=(230, 230, 230), font=_font(38))
    return screen


def settings(chance: random.Random) -> Image.Image:
    """Settings, of which some are on and others off."""
    screen = Image.new("RGB", (1080, 2280), (242, 242, 247))
    draw, alone = ImageDraw.Draw(screen), random.Random(3)
    draw.text((60, 110), "Settings", fill="black", font=_font(76))
    for at in range(13):
        y = 280 + 145 * at
        draw.rounded_rectangle((40, y, 1040, y + 125), 20, fill="white")
        draw.text((80, y + 36), alone.choice(_GOODS), fill="black", font=_font(44))
        if at == 2:
            draw.text((640, y + 36), chance.choice(_WIFI), fill="grey", font=_font(38))
        else:
            on = chance.random() < 0.5
            draw.rounded_rectangle((880, y + 32, 1000, y + 92), 30,
                                   fill=(52, 199, 89) if on else (220, 220, 222))  # fmt: skip
    draw.text((60, 2200), f"Storage {chance.randint(10, 99)} GB of 128", fill="grey",
              font=_font(34))  # fmt: skip
    return screen


KINDS: dict[str, Callable[[random.Random], Image.Image]] = {
    "invoice": invoice, "receipt": receipt, "scan": scan, "chat": chat, "list": listing,
    "settings": settings,
}  # fmt: skip


def pages(kind: str, count: int, seed: int = 0) -> list[Image.Image]:
    """``count`` different pages of one kind."""
    return [KINDS[kind](random.Random(f"{kind} {seed} {number}")) for number in range(count)]

"""Colour profiles: conversion to the sRGB that models and browsers expect."""

from __future__ import annotations

import functools
import io

import numpy as np
from PIL import Image, ImageCms

from crispd.images.pixel_modes import spare_factor

# Profiles of presses have 3 MB at most; more is no profile but an attack or a mistake.
_MOST_BYTES = 4 * 2**20
# A step of 8-bit colour that no model and no eye tells from none.
_SEEN = 3.0
_SPACES = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK"}
_STEPS = 5
# What Pillow and Little CMS make of profiles that are damaged or of another kind of device.
_BROKEN = (ImageCms.PyCMSError, OSError, ValueError, TypeError, LookupError, ArithmeticError)


def as_srgb(image: Image.Image, profile: object, short_side: int, long_side: int) -> Image.Image:
    """``image`` in sRGB, as RGB, where its ``profile`` changes anything; else the image itself.

    It is scaled down first, to no less than three times what is wanted: a profile costs some time
    for every pixel. A profile that is damaged, huge, or of other pixels than these is ignored.
    """
    if not isinstance(profile, bytes) or not 128 <= len(profile) <= _MOST_BYTES:
        return image
    transform = _transform(profile, image.mode)
    if transform is None:
        return image
    factor = spare_factor(image.size, short_side, long_side)
    if factor > 1:
        image = image.reduce(factor)
    try:
        converted = ImageCms.applyTransform(image, transform)
    except _BROKEN:
        return image
    return image if converted is None else converted


@functools.lru_cache(maxsize=8)
def _transform(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    """From the profile to sRGB for pixels of ``mode``; None where nothing would change.

    Cached, as the photos of a camera share a profile. A transform may be used by many threads.
    """
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if _SPACES.get(source.profile.xcolor_space.strip()) != mode:
            return None
        transform = ImageCms.buildTransform(source, _srgb(), mode, "RGB")
        return transform if _matters(transform, mode) else None
    except _BROKEN:
        return None


def _matters(transform: ImageCms.ImageCmsTransform, mode: str) -> bool:
    """Whether colours all over the space come out other than they would without a profile."""
    palette = _palette(mode)
    with_profile = ImageCms.applyTransform(palette, transform)
    if with_profile is None:
        return False
    difference = np.asarray(with_profile, np.float32) - np.asarray(palette.convert("RGB"))
    return bool(np.abs(difference).max() > _SEEN)


def _palette(mode: str) -> Image.Image:
    """A picture of colours evenly spread over the space of ``mode``."""
    channels = len(Image.new(mode, (1, 1)).getbands())
    steps = np.linspace(0, 255, _STEPS if channels > 1 else 256).astype(np.uint8)
    colours = np.stack(np.meshgrid(*[steps] * channels), axis=-1).reshape(1, -1, channels)
    return Image.frombytes(mode, (colours.shape[1], 1), colours.tobytes())


@functools.cache
def _srgb() -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))

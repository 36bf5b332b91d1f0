"""Routes of model packs: ``/packs``. What is begun goes on behind; ``GET /packs`` tells how far."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from crispd.api.dependencies import ServiceDep
from crispd.http.problem_details import responses
from crispd.http.strict_json import JsonRoute
from crispd.http.threads import in_thread
from crispd.types import PackOverview

router = APIRouter(tags=["house"], route_class=JsonRoute)

_LONGEST = 300
_PRECISION = "(fp32|fp16|int8|q4|q4f16|bnb4)"
PackName = Annotated[
    str,
    Path(
        max_length=_LONGEST,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$",
        description="Name of a pack, as `GET /packs` has it.",
        examples=["clip-b32-int8"],
    ),
]


class WantedPack(BaseModel):
    """``pack``: of the catalogue, or a repository of the hub, ``owner/name`` or
    ``owner/name@revision``. ``precision``: of its graphs, ``fp32``, ``fp16``, ``int8``, ``q4``,
    ``q4f16`` or ``bnb4``; two with a slash are of images and of texts.
    """

    model_config = ConfigDict(extra="forbid")

    pack: str = Field(min_length=1, max_length=_LONGEST, examples=["clip-b32-int8"])
    precision: str | None = Field(
        None, max_length=20, pattern=f"^{_PRECISION}(/{_PRECISION})?$", examples=["int8"]
    )


@router.get("/packs", operation_id="getPacks")
async def packs(
    service: ServiceDep,
    language: Annotated[
        str | None,
        Query(max_length=35, description="Of who asks, for the advice.", examples=["de"]),
    ] = None,
) -> PackOverview:
    """Packs that are here and those of the catalogue, and how far downloads and changes are."""
    languages = [] if language is None else [language.partition("-")[0].lower()]
    return await in_thread(service.packs.overview, languages)


@router.post("/packs/pull", status_code=202, operation_id="pullPack", responses=responses(404, 409))
async def pull(service: ServiceDep, wanted: WantedPack) -> PackOverview:
    """Fetch a pack: it is checked and installed, and answers nothing yet."""
    await in_thread(service.packs.pull, wanted.pack, wanted.precision)
    return await in_thread(service.packs.overview)


@router.post("/packs/cancel", operation_id="cancelPull")
async def cancel(service: ServiceDep) -> PackOverview:
    """End a download. What has come stays; the next one goes on from there."""
    await in_thread(service.packs.cancel_pull)
    return await in_thread(service.packs.overview)


@router.post("/packs/back", status_code=202, operation_id="goBackToPack", responses=responses(404))
async def back(service: ServiceDep) -> PackOverview:
    """The pack that answered before shall again; a change that is on its way is given up."""
    await in_thread(service.packs.back)
    return await in_thread(service.packs.overview)


@router.post(
    "/packs/{name}/use", status_code=202, operation_id="usePack", responses=responses(404, 409)
)
async def use(service: ServiceDep, name: PackName) -> PackOverview:
    """This pack shall answer, once it has seen all photos and passed a check."""
    await in_thread(service.packs.use, name)
    return await in_thread(service.packs.overview)


@router.delete("/packs/{name}", operation_id="removePack", responses=responses(404, 409))
async def remove(service: ServiceDep, name: PackName) -> PackOverview:
    """Delete a pack that neither answers nor shall."""
    await in_thread(service.packs.remove, name)
    return await in_thread(service.packs.overview)

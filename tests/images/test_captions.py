"""Titles, descriptions, people and places in words, as cameras and programs write them."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from crispd.images.metadata.captions import comment_text, is_written
from crispd.images.metadata.xmp import Xmp, read_xmp
from crispd.images.opening import read_metadata
from crispd.types import PhotoMetadata, PlaceNames
from tests.images.test_photo_metadata import saved, xmp_with

USER_COMMENT, TITLE, COMMENT, SUBJECT, DESCRIPTION = 0x9286, 0x9C9B, 0x9C9C, 0x9C9F, 0x010E


def with_exif(main: dict[int, object], details: dict[int, object] | None = None) -> PhotoMetadata:
    block = Image.Exif()
    block.update(main)
    block.get_ifd(0x8769).update(details or {})
    return saved("JPEG", exif=block)


def windows(text: str) -> bytes:
    return text.encode("utf-16-le") + b"\0\0"


def test_what_windows_writes() -> None:
    found = with_exif({TITLE: windows("Omas Geburtstag"), COMMENT: windows("Mit\nTorte")})
    assert (found.title, found.description) == ("Omas Geburtstag", "Mit Torte")
    assert with_exif({SUBJECT: windows("Ein Ausflug")}).description == "Ein Ausflug"


def test_a_title_is_not_its_own_description() -> None:
    found = with_exif({TITLE: windows("Omas Fest"), DESCRIPTION: "omas fest"})
    assert (found.title, found.description) == ("Omas Fest", None)


@pytest.mark.parametrize(
    "comment",
    [
        b"ASCII\0\0\0Auf dem Gipfel\0\0\0",
        b"UNICODE\0" + "Auf dem Gipfel".encode("utf-16-le"),
        b"UNICODE\0" + "Auf dem Gipfel".encode("utf-16-be"),
        b"UNICODE\0" + "Auf dem Gipfel".encode("utf-16"),
        b"\0" * 8 + b"Auf dem Gipfel",
        b"Auf dem Gipfel",
    ],
)
def test_comments_of_users(comment: bytes) -> None:
    assert with_exif({}, {USER_COMMENT: comment}).description == "Auf dem Gipfel"


def test_a_comment_in_japanese() -> None:
    assert comment_text(b"JIS\0\0\0\0\0" + "富士山".encode("iso2022_jp")) == "富士山"


@pytest.mark.parametrize(
    "text",
    [
        "OLYMPUS DIGITAL CAMERA",
        "SONY DSC",
        "DCIM\\100MEDIA\\DJI_0042.JPG",
        "Exif_JPEG_PICTURE",
        "<KENOX S860  / Samsung S860>",
        "untitled",
        "IMG_1234",
        '{"hdr": true, "filter": 0}',
        "fileterIntensity: 0.0, filterMask: 0;",
        "***",
        "",
        "Screenshot",
    ],
)
def test_what_nobody_wrote(text: str) -> None:
    assert not is_written(text)
    assert with_exif({DESCRIPTION: text}).description is None


@pytest.mark.parametrize("text", ["Sony, our dog", "Opa", "京都", "2 Hunde", "Camera obscura"])
def test_what_somebody_wrote(text: str) -> None:
    assert is_written(text)


def told(inner: str) -> Xmp:
    return read_xmp(xmp_with(inner))


def alt(name: str, text: str) -> str:
    return f'<{name}><rdf:Alt><rdf:li xml:lang="x-default">{text}</rdf:li></rdf:Alt></{name}>'


def test_the_editor_goes_before_the_camera() -> None:
    block = Image.Exif()
    block.update({TITLE: windows("Of Windows"), DESCRIPTION: "Of the camera's owner"})
    packet = xmp_with(alt("dc:title", "Of the editor") + alt("dc:description", "Two\n  lines"))
    found = saved("JPEG", exif=block, xmp=packet)
    assert (found.title, found.description) == ("Of the editor", "Two lines")


def test_a_headline_beside_a_title_is_a_description() -> None:
    packet = alt("dc:title", "Finish") + "<photoshop:Headline>Ann wins</photoshop:Headline>"
    found = saved("JPEG", xmp=xmp_with(packet))
    assert (found.title, found.description) == ("Finish", "Ann wins")


def iptc(*records: tuple[int, str]) -> PhotoMetadata:
    data = b"".join(
        bytes((0x1C, 2, number)) + len(text.encode()).to_bytes(2, "big") + text.encode()
        for number, text in records
    )
    resource = b"8BIM\x04\x04\0\0" + len(data).to_bytes(4, "big") + data + b"\0" * (len(data) % 2)
    body = b"Photoshop 3.0\0" + resource
    out = io.BytesIO()
    Image.new("RGB", (64, 48)).save(out, "JPEG")
    segment = b"\xff\xed" + (len(body) + 2).to_bytes(2, "big") + body
    return read_metadata(out.getvalue()[:2] + segment + out.getvalue()[2:])


def test_what_agencies_write() -> None:
    found = iptc(
        (5, "Boats"), (105, "Regatta begins"), (120, "Boats off Kiel"),
        (90, "Kiel"), (92, "Schilksee"), (95, "Schleswig-Holstein"), (101, "Germany"),
    )  # fmt: skip
    assert (found.title, found.description) == ("Boats", "Boats off Kiel")
    assert found.location == PlaceNames("Kiel", "Schleswig-Holstein", "Germany", "Schilksee")


FACES_IN_ELEMENTS = """<mwg-rs:Regions rdf:parseType="Resource"><mwg-rs:RegionList><rdf:Bag>
 <rdf:li rdf:parseType="Resource"><mwg-rs:Name>Anna Berg</mwg-rs:Name>
  <mwg-rs:Type>Face</mwg-rs:Type></rdf:li>
 <rdf:li rdf:parseType="Resource"><mwg-rs:Name>The tower</mwg-rs:Name>
  <mwg-rs:Type>Focus</mwg-rs:Type></rdf:li>
 </rdf:Bag></mwg-rs:RegionList></mwg-rs:Regions>"""
FACES_IN_ATTRIBUTES = """<mwg-rs:Regions><rdf:Description><mwg-rs:RegionList><rdf:Seq>
 <rdf:li><rdf:Description mwg-rs:Name="Anna Berg" mwg-rs:Type="Face"/></rdf:li>
 <rdf:li><rdf:Description mwg-rs:Name="Rex" mwg-rs:Type="Pet"/></rdf:li>
 </rdf:Seq></mwg-rs:RegionList></rdf:Description></mwg-rs:Regions>"""
FACES_OF_MICROSOFT = """<MP:RegionInfo><rdf:Description><MPRI:Regions><rdf:Bag><rdf:li>
 <rdf:Description MPReg:PersonDisplayName="Anna Berg" MPReg:Rectangle="0.1, 0.2, 0.1, 0.1"/>
 </rdf:li><rdf:li><rdf:Description MPReg:Rectangle="0.5, 0.2, 0.1, 0.1"/></rdf:li></rdf:Bag>
 </MPRI:Regions></rdf:Description></MP:RegionInfo>"""


@pytest.mark.parametrize(
    "inner",
    [
        FACES_IN_ELEMENTS,
        FACES_IN_ATTRIBUTES,
        FACES_OF_MICROSOFT,
        FACES_IN_ELEMENTS + FACES_OF_MICROSOFT,
        "<Iptc4xmpExt:PersonInImage><rdf:Bag><rdf:li>Anna Berg</rdf:li></rdf:Bag>"
        "</Iptc4xmpExt:PersonInImage>",
        "<digiKam:TagsList><rdf:Seq><rdf:li>People/Anna Berg</rdf:li>"
        "<rdf:li>People/Unknown</rdf:li></rdf:Seq></digiKam:TagsList>",
        "<lr:hierarchicalSubject><rdf:Bag><rdf:li>Personen</rdf:li>"
        "<rdf:li>Personen|Familie</rdf:li><rdf:li>Personen|Familie|Anna Berg</rdf:li>"
        "<rdf:li>Places|Rome</rdf:li></rdf:Bag>"
        "</lr:hierarchicalSubject>",
    ],
)
def test_who_is_on_it(inner: str) -> None:
    assert told(inner).people == ("Anna Berg",)
    assert saved("JPEG", xmp=xmp_with(inner)).people == ("Anna Berg",)


def test_keywords_keep_their_parents() -> None:
    found = told(
        "<lr:hierarchicalSubject><rdf:Bag><rdf:li>Places|Rome</rdf:li><rdf:li>sun</rdf:li></rdf:Bag>"
        "</lr:hierarchicalSubject>"
    )
    assert found.keyword_paths == ("Places/Rome",)
    assert found.keywords == ("Rome", "Places", "sun")


ROME = PlaceNames("Roma", "Lazio", "Italia", "Trastevere")


@pytest.mark.parametrize(
    "inner",
    [
        "<photoshop:City>Roma</photoshop:City><photoshop:State>Lazio</photoshop:State>"
        "<photoshop:Country>Italia</photoshop:Country>"
        "<Iptc4xmpCore:Location>Trastevere</Iptc4xmpCore:Location>",
        "<Iptc4xmpExt:LocationCreated><rdf:Bag><rdf:li rdf:parseType='Resource'>"
        "<Iptc4xmpExt:City>Roma</Iptc4xmpExt:City>"
        "<Iptc4xmpExt:ProvinceState>Lazio</Iptc4xmpExt:ProvinceState>"
        "<Iptc4xmpExt:CountryName>Italia</Iptc4xmpExt:CountryName>"
        "<Iptc4xmpExt:Sublocation>Trastevere</Iptc4xmpExt:Sublocation></rdf:li></rdf:Bag>"
        "</Iptc4xmpExt:LocationCreated>",
        "<Iptc4xmpExt:LocationShown><rdf:Bag><rdf:li><rdf:Description Iptc4xmpExt:City='Roma' "
        "Iptc4xmpExt:ProvinceState='Lazio' Iptc4xmpExt:CountryName='Italia' "
        "Iptc4xmpExt:Sublocation='Trastevere'/></rdf:li><rdf:li><rdf:Description "
        "Iptc4xmpExt:City='Milano'/></rdf:li></rdf:Bag></Iptc4xmpExt:LocationShown>",
    ],
)
def test_places_in_words(inner: str) -> None:
    assert told(inner).location == ROME
    assert saved("JPEG", xmp=xmp_with(inner)).location == ROME


def test_a_photo_without_words_has_none() -> None:
    found = saved("JPEG")
    assert (found.title, found.description, found.people, found.location) == (None, None, (), None)


def test_texts_are_bounded() -> None:
    people = "".join(f"<rdf:li>person {number}</rdf:li>" for number in range(5000))
    packet = xmp_with(
        alt("dc:title", "long " * 50_000)
        + alt("dc:description", "long " * 100_000)
        + f"<Iptc4xmpExt:PersonInImage><rdf:Bag>{people}</rdf:Bag></Iptc4xmpExt:PersonInImage>"
    )
    found = saved("PNG", **png_with(packet))
    assert found.title is not None
    assert found.description is not None
    assert len(found.title) <= 200
    assert len(found.description) <= 2000
    assert len(found.people) == 100


def png_with(packet: bytes) -> dict[str, object]:
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    info.add_itxt("XML:com.adobe.xmp", packet.decode())
    return {"pnginfo": info}


def test_texts_of_a_png_say_what_it_is() -> None:
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    info.add_text("Title", "The harbour")
    info.add_text("Description", "Boats at noon", zip=True)
    found = saved("PNG", pnginfo=info)
    assert (found.title, found.description) == ("The harbour", "Boats at noon")


@given(st.binary(max_size=80), st.binary(max_size=80), st.text(max_size=80))
def test_no_words_fail_a_photo(comment: bytes, title: bytes, description: str) -> None:
    found = with_exif(
        {TITLE: title, COMMENT: comment, DESCRIPTION: description}, {USER_COMMENT: comment}
    )
    for text in (found.title, found.description):
        assert text is None or (text.isprintable() and text == text.strip())

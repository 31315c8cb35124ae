"""Uploads are checked and written anew."""

import io
from pathlib import Path

import pytest
from django.conf import LazySettings
from PIL import Image

from telehealth.core.errors import Invalid
from telehealth.records.domain.documents import read_document, store_upload
from tests import factories
from tests.factories import NOW, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(settings: LazySettings, tmp_path: Path) -> World:
    settings.MEDIA_ROOT = tmp_path
    return factories.make_world()


def jpeg_with_place() -> bytes:
    exif = Image.Exif()
    exif[0x010F] = "SECRET-CAMERA"
    out = io.BytesIO()
    Image.new("RGB", (64, 48), "red").save(out, "JPEG", exif=exif)
    return out.getvalue() + b"<script>hidden</script>"


def test_a_picture_loses_its_exif_and_what_hides_behind_it(world: World) -> None:
    document = store_upload(
        hat=world.doctor,
        patient=world.patient,
        name="C:\\ảnh/../vết thương.exe.jpeg",
        content=jpeg_with_place(),
        now=NOW,
    )
    stored = read_document(document)
    assert (document.name, document.content_type) == ("vết thương.exe.jpg", "image/jpeg")
    assert b"SECRET-CAMERA" not in stored
    assert b"hidden" not in stored
    with Image.open(io.BytesIO(stored)) as image:
        assert image.size == (64, 48)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file.empty"),
        (b"MZ\x90\x00 program", "file.kind_not_allowed"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "file.kind_not_allowed"),
        (b"%PDF-1.7 cut", "file.damaged"),
        (jpeg_with_place()[:300], "file.damaged"),
    ],
)
def test_bad_files_are_refused_with_a_reason(world: World, content: bytes, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        store_upload(hat=world.doctor, patient=world.patient, name="x", content=content, now=NOW)
    assert refused.value.code == code


def test_too_large_files_are_refused(world: World, settings: LazySettings) -> None:
    settings.UPLOAD_LIMIT_BYTES = 10
    with pytest.raises(Invalid) as refused:
        store_upload(hat=world.doctor, patient=world.patient, name="x", content=b"0" * 11, now=NOW)
    assert refused.value.code == "file.too_large"

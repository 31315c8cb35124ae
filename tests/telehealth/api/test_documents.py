"""Adding files by program."""

import io

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from telehealth.records.models import Document
from tests.factories import World, make_session
from tests.telehealth.signing_in import SignIn


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "white").save(out, "PNG")
    return out.getvalue()


def test_a_picture_sent_in_the_room_is_attached_to_its_case(world: World, sign_in: SignIn) -> None:
    session = make_session(world)
    response = sign_in(world.specialist).post(
        f"/api/sessions/{session.id}/documents/", {"file": SimpleUploadedFile("điện tim.png", picture())}
    )
    document = Document.objects.get()
    assert response.status_code == 201
    assert response.json() == {
        "document_id": str(document.id),
        "name": "điện tim.png",
        "content_type": "image/png",
        "size": document.size,
    }
    assert document.attachment.request_id == session.request_id
    image = sign_in(world.doctor).get(f"/documents/{document.id}/")
    assert image.headers["Content-Security-Policy"].endswith("sandbox; frame-ancestors 'none'")
    assert image.headers["Cache-Control"] == "no-store"


def test_refusals_have_a_code_and_a_sentence(world: World, sign_in: SignIn) -> None:
    session = make_session(world)
    client = sign_in(world.doctor)
    address = f"/api/requests/{session.request_id}/documents/"
    nothing = client.post(address)
    wrong = client.post(address, {"file": SimpleUploadedFile("trang.html", b"<html><script>")})
    assert (nothing.status_code, nothing.json()["code"]) == (422, "file.missing")
    assert (wrong.status_code, wrong.json()["code"]) == (422, "file.kind_not_allowed")
    assert not Document.objects.exists()


def test_a_file_beyond_the_limit_is_refused_without_reading_it_all(
    world: World, sign_in: SignIn, settings: object
) -> None:
    session = make_session(world)
    settings.UPLOAD_LIMIT_BYTES = 1000  # type: ignore[attr-defined]
    response = sign_in(world.doctor).post(
        f"/api/requests/{session.request_id}/documents/",
        {"file": SimpleUploadedFile("to.pdf", b"%PDF-" + b"x" * 5000)},
    )
    assert (response.status_code, response.json()["code"]) == (422, "file.too_large")


def test_another_facility_cannot_add_to_a_case(world: World, sign_in: SignIn) -> None:
    from telehealth.accounts.enums import Role
    from tests.factories import make_facility, make_person

    session = make_session(world)
    client = sign_in(make_person(make_facility(), Role.DOCTOR))
    file = SimpleUploadedFile("x.png", picture())
    assert client.post(f"/api/sessions/{session.id}/documents/", {"file": file}).status_code == 404

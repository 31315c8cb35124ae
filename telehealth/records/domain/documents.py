"""Files in the record: checked, re-encoded, stored under their own id."""

import hashlib
import io
import os
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from telehealth.accounts.hat import Hat
from telehealth.audit.log import record
from telehealth.core.errors import Invalid, NotAllowed
from telehealth.core.ids import uuid7
from telehealth.core.text import clean
from telehealth.facilities.models import Facility
from telehealth.records.enums import DocumentKind
from telehealth.records.models import Document, Patient

MAX_PIXELS = 60_000_000
_IMAGE_FORMATS = {"JPEG": "image/jpeg", "PNG": "image/png"}


@transaction.atomic
def store_upload(
    *,
    hat: Hat | None,
    patient: Patient,
    name: str,
    content: bytes,
    now: datetime,
    facility: Facility | None = None,
) -> Document:
    """Check an uploaded picture or PDF and add it to the record.

    Pictures are decoded and written anew, which removes EXIF (place, device) and anything hidden behind the picture.
    Without a hat the patient or a relative sent it; then `facility` says to whom.

    Raises:
        Invalid: `file.empty`, `file.too_large`, `file.kind_not_allowed`, `file.damaged`.
    """
    if not content:
        raise Invalid("file.empty", _("Tệp này trống. Hãy chọn tệp khác."))
    if len(content) > settings.UPLOAD_LIMIT_BYTES:
        raise Invalid(
            "file.too_large",
            _("Tệp lớn hơn %(limit)s MB. Hãy chụp lại với độ phân giải thấp hơn hoặc chia nhỏ tài liệu.")
            % {"limit": settings.UPLOAD_LIMIT_BYTES // 1024 // 1024},
        )
    content_type, content = _sanitise(content)
    return store_document(
        hat=hat,
        patient=patient,
        kind=DocumentKind.ATTACHMENT,
        name=name,
        content_type=content_type,
        content=content,
        now=now,
        facility=facility,
    )


@transaction.atomic
def store_document(
    *,
    hat: Hat | None,
    patient: Patient,
    kind: DocumentKind,
    name: str,
    content_type: str,
    content: bytes,
    now: datetime,
    facility: Facility | None = None,
) -> Document:
    """Write bytes we trust (made or checked by us) into the store and the record."""
    keeper = hat.facility if hat else facility
    assert keeper is not None, "somebody keeps the file"
    document = Document(
        id=uuid7(),
        patient=patient,
        facility=keeper,
        kind=kind,
        name=_safe_name(name, content_type),
        content_type=content_type,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        created_by=hat.membership if hat else None,
        created_at=now,
    )
    _write(_path_of(document), content)
    document.save(force_insert=True)
    record(
        "document.stored",
        now=now,
        hat=hat,
        facility_id=keeper.id,
        object_type="document",
        object_id=document.id,
        patient_id=patient.id,
        kind=kind.value,
        sha256=document.sha256,
    )
    return document


def read_document(document: Document) -> bytes:
    """Return the bytes. Callers have gone through an access function first."""
    return _path_of(document).read_bytes()


def erase_demonstration_file(document: Document) -> None:
    """Delete the bytes of a document of the self-test or the demonstration; its row stays, for the audit log speaks of it.

    Raises:
        NotAllowed: `document.not_demonstration`: nothing of a real patient is ever deleted here.
    """
    if not document.patient.is_demonstration:
        raise NotAllowed(
            "document.not_demonstration", _("Chỉ xóa được tệp của người bệnh minh họa; tệp này vẫn được giữ.")
        )
    _path_of(document).unlink(missing_ok=True)


def _sanitise(content: bytes) -> tuple[str, bytes]:
    if content.startswith(b"%PDF-"):
        if b"%%EOF" not in content[-2048:]:
            raise Invalid("file.damaged", _("Tệp PDF này bị cắt hoặc hỏng. Hãy quét hoặc xuất lại rồi gửi."))
        return "application/pdf", content
    try:
        with Image.open(io.BytesIO(content), formats=list(_IMAGE_FORMATS)) as image:
            if image.width * image.height > MAX_PIXELS:
                raise Invalid(
                    "file.too_large", _("Ảnh có quá nhiều điểm ảnh. Hãy chụp lại với độ phân giải thấp hơn.")
                )
            kind = image.format or "JPEG"
            upright = ImageOps.exif_transpose(image)
            upright = upright.convert(
                "RGB" if kind == "JPEG" else "RGBA" if "A" in upright.getbands() else "RGB"
            )
    except UnidentifiedImageError:
        raise Invalid(
            "file.kind_not_allowed", _("Chỉ nhận ảnh JPEG, PNG và tệp PDF. Tệp này không phải loại đó.")
        ) from None
    except Image.DecompressionBombError:
        raise Invalid(
            "file.too_large", _("Ảnh có quá nhiều điểm ảnh. Hãy chụp lại với độ phân giải thấp hơn.")
        ) from None
    except (OSError, SyntaxError, ValueError):
        raise Invalid("file.damaged", _("Ảnh này bị cắt hoặc hỏng. Hãy chụp lại rồi gửi.")) from None
    out = io.BytesIO()
    upright.save(out, kind, **({"quality": 90} if kind == "JPEG" else {}))
    return _IMAGE_FORMATS[kind], out.getvalue()


def _safe_name(name: str, content_type: str) -> str:
    stem = clean(Path(name.replace("\\", "/")).name).rsplit(".", 1)[0][:120] or _("tài liệu")
    extension = {"image/jpeg": ".jpg", "image/png": ".png", "application/pdf": ".pdf"}[content_type]
    return stem.replace("/", "_") + extension


def _path_of(document: Document) -> Path:
    # The first characters of a version 7 id are time: the last ones spread evenly over folders.
    return Path(settings.MEDIA_ROOT) / document.id.hex[-2:] / document.id.hex


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = path.with_suffix(".part")
    with open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)

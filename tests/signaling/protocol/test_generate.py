"""What is generated from the protocol is committed, current and complete."""

import json
from pathlib import Path
from typing import Any

import pytest

from signaling.protocol import generate


def test_committed_files_are_current() -> None:
    assert generate.stale() == [], "run `python -m signaling.protocol.generate`"


def test_check_names_the_stale_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(generate, "ROOT", tmp_path)
    monkeypatch.setattr(generate, "SCHEMA_FILE", tmp_path / "schema.json")
    monkeypatch.setattr(generate, "TYPESCRIPT_FILE", tmp_path / "messages.gen.ts")
    monkeypatch.setattr(generate, "QUEUE_SCHEMA_FILE", tmp_path / "queues.schema.json")
    monkeypatch.setattr(generate, "QUEUE_TYPESCRIPT_FILE", tmp_path / "queues.gen.ts")
    assert generate.main([]) == 0
    assert generate.main(["--check"]) == 0
    (tmp_path / "messages.gen.ts").write_text("// edited by hand\n", encoding="utf-8")
    assert generate.main(["--check"]) == 1
    assert "messages.gen.ts is not current" in capsys.readouterr().err


def test_output_does_not_depend_on_anything_but_the_messages() -> None:
    assert generate.rendered() == generate.rendered()


def test_every_object_is_closed_and_every_field_required() -> None:
    for sheet in (generate.ROOM, generate.QUEUE):
        for name, definition in generate.schema(sheet)["$defs"].items():
            if name in sheet.unions:
                continue
            assert definition["additionalProperties"] is False, name
            assert sorted(definition["required"]) == sorted(definition["properties"]), name


def test_a_field_called_title_survives_the_removal_of_titles() -> None:
    properties = generate.schema()["$defs"]["ParticipantInfo"]["properties"]
    assert properties["title"] == {"type": "string"}


def test_every_message_of_a_union_is_declared_once() -> None:
    for sheet in (generate.ROOM, generate.QUEUE):
        text = generate.typescript(generate.schema(sheet), sheet)
        for name, adapter in sheet.unions.items():
            for option in adapter.json_schema(mode="serialization")["oneOf"]:
                member = option["$ref"].removeprefix("#/$defs/")
                assert text.count(f"export interface {member} {{") == 1, (name, member)


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        ({"type": "string", "format": "uuid"}, "string"),
        ({"const": "hello", "type": "string"}, '"hello"'),
        ({"enum": ["good", "weak", "poor"]}, "Quality"),
        ({"enum": ["a", "b"]}, '"a" | "b"'),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, "number | null"),
        ({"type": "array", "items": {"$ref": "#/$defs/SlotSource"}}, "readonly SlotSource[]"),
        (
            {"type": "array", "items": {"anyOf": [{"type": "integer"}, {"type": "null"}]}},
            "readonly (number | null)[]",
        ),
    ],
)
def test_type_of_one_schema_node(node: dict[str, Any], expected: str) -> None:
    assert generate._type(node, "Example.field") == expected


def test_unknown_schema_is_an_error_not_an_any() -> None:
    with pytest.raises(ValueError, match=r"Example\.field: no TypeScript"):
        generate._type({"type": "object"}, "Example.field")


def test_docstrings_travel_as_comments() -> None:
    document = {"$defs": {**generate.schema()["$defs"], "Two": {
        "type": "object", "description": "One line.\n\nAnd more.", "properties": {}, "required": [],
    }}}  # fmt: skip
    assert "/**\n * One line.\n *\n * And more.\n */\nexport interface Two {" in generate.typescript(document)


def test_schema_file_is_json_schema_with_both_directions() -> None:
    document = json.loads(generate.SCHEMA_FILE.read_text(encoding="utf-8"))
    assert {"ClientMessage", "ServerMessage", "LoggedEvent", "RoomSnapshot"} <= set(document["$defs"])

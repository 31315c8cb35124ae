"""The texts of the platform and their translations, as data: what is asked for in code, what the .po parts hold.

Vietnamese is the source language: a msgid is the Vietnamese text. English lies in `locale/en/parts/*.po`, a part for each
piece of the platform. `locale/vi/parts/*.po` gives Vietnamese to texts of third-party packages that have none.
"""

import ast
import io
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.utils.translation.template import templatize

_SINGULAR = {"_": 0, "gettext": 0, "gettext_lazy": 0, "gettext_noop": 0}
_PLURAL = {"ngettext": 0, "ngettext_lazy": 0}
_IN_CONTEXT = {"pgettext": 0, "pgettext_lazy": 0}
_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")


@dataclass(frozen=True, order=True)
class Text:
    """A text that is shown: with its context ("" for none) and its plural ("" for none)."""

    singular: str
    plural: str = ""
    context: str = ""


@dataclass(frozen=True, order=True)
class Use:
    """Where a text is asked for. `text` is None where the code asks for something that is not a constant."""

    path: str
    line: int
    text: Text | None


def texts_in_python(source: str, path: str) -> Iterator[Use]:
    """Find every call of a gettext function, also under the name an import gave it."""
    tree = ast.parse(source)
    names = _SINGULAR | _PLURAL | _IN_CONTEXT
    kinds = {name: name for name in names}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation":
            kinds |= {alias.asname or alias.name: alias.name for alias in node.names if alias.name in names}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in kinds:
            wanted = 2 if kinds[node.func.id] in _PLURAL | _IN_CONTEXT else 1
            arguments = [_constant(argument) for argument in node.args[:wanted]]
            yield Use(path, node.lineno, _text(kinds[node.func.id], arguments, wanted))


def texts_in_template(source: str, path: str) -> Iterator[Use]:
    """Find every `translate`, `blocktranslate` and `_("…")` of a template."""
    code = io.BytesIO(templatize(source).encode())
    keywords = dict.fromkeys(_SINGULAR | _PLURAL | _IN_CONTEXT)
    for line, function, messages, _comments in extract_python(code, keywords, [], {"encoding": "utf-8"}):
        arguments = [messages] if isinstance(messages, str) or messages is None else [*messages]
        # A percent sign is doubled by templatize, as gettext wants it in a text with placeholders.
        wanted = 2 if function in _PLURAL | _IN_CONTEXT else 1
        yield Use(path, line, _text(str(function), arguments[:wanted], wanted))


def _constant(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _text(function: str, arguments: Sequence[str | None], wanted: int) -> Text | None:
    if len(arguments) != wanted or any(argument is None for argument in arguments):
        return None
    first, *rest = [str(argument) for argument in arguments]
    if function in _PLURAL:
        return Text(first, plural=rest[0])
    if function in _IN_CONTEXT:
        return Text(rest[0], context=first)
    return Text(first)


def uses_in(folders: Iterable[Path], templates: Iterable[Path], root: Path) -> list[Use]:
    """Return every use in the Python files of `folders` and the templates of `templates`, in order."""
    uses: list[Use] = []
    for folder in folders:
        for path in sorted(folder.rglob("*.py")):
            if "migrations" not in path.parts:
                uses += texts_in_python(path.read_text(), str(path.relative_to(root)))
    for folder in templates:
        for path in sorted([*folder.rglob("*.html"), *folder.rglob("*.txt")]):
            uses += texts_in_template(path.read_text(), str(path.relative_to(root)))
    return sorted(uses, key=lambda use: (use.path, use.line))


def merge_parts(folder: Path, locale: str) -> tuple[Catalog, list[str]]:
    """Return all parts as one catalogue, and a sentence for each text that two parts translate differently."""
    merged = Catalog(locale=locale)
    quarrels: list[str] = []
    for path in sorted(folder.glob("*.po")):
        with path.open("rb") as file:
            part = read_po(file, locale=locale, abort_invalid=True)
        for message in part:
            if not message.id:
                continue
            known = merged.get(message.id, context=message.context)
            if known is not None and known.string != message.string:
                quarrels.append(
                    f"{path.name}: {_singular(message)!r} is translated differently in another part"
                )
            merged.add(message.id, message.string, context=message.context)
    return merged, quarrels


def compile_parts(locale_folder: Path, locale: str) -> Path:
    """Write `LC_MESSAGES/django.mo` from the parts of one language; return its path."""
    catalog, _quarrels = merge_parts(locale_folder / locale / "parts", locale)
    path = locale_folder / locale / "LC_MESSAGES" / "django.mo"
    path.parent.mkdir(parents=True, exist_ok=True)
    content = io.BytesIO()
    write_mo(content, catalog)
    # Replaced in one step: another process may be reading it, or compiling too.
    partial = path.with_suffix(f".{os.getpid()}.part")
    partial.write_bytes(content.getvalue())
    partial.replace(path)
    return path


def problems(uses: Iterable[Use], catalog: Catalog) -> list[str]:
    """Return what is missing, unused, not constant or has other placeholders than its translation."""
    found: list[str] = []
    wanted: dict[Text, Use] = {}
    for use in uses:
        if use.text is None:
            found.append(f"{use.path}:{use.line}: the text is not a constant and cannot be translated")
        else:
            wanted.setdefault(use.text, use)
    for text, use in wanted.items():
        message = catalog.get(text.singular, context=text.context or None)
        if message is None or not _complete(message, plural=bool(text.plural)):
            found.append(f"{use.path}:{use.line}: no English for {text.singular!r}")
        elif _placeholders(text) != _placeholders_of(message):
            found.append(f"{use.path}:{use.line}: other placeholders in the English of {text.singular!r}")
    known = {(text.singular, text.context) for text in wanted}
    found += [
        f"not used any more: {_singular(message)!r}"
        for message in catalog
        if message.id and (_singular(message), message.context or "") not in known
    ]
    return found


def missing(uses: Iterable[Use], catalog: Catalog) -> list[Text]:
    """Return the texts without a translation, in the order of their first use."""
    wanted = dict.fromkeys(use.text for use in uses if use.text is not None)
    return [text for text in wanted if catalog.get(text.singular, context=text.context or None) is None]


def _complete(message: Message, *, plural: bool) -> bool:
    strings = message.string if isinstance(message.string, list | tuple) else [message.string]
    return all(strings) and (not plural or len(strings) > 1)


def _placeholders(text: Text) -> set[str]:
    return set(_PLACEHOLDER.findall(text.singular)) | set(_PLACEHOLDER.findall(text.plural))


def _placeholders_of(message: Message) -> set[str]:
    strings = message.string if isinstance(message.string, list | tuple) else [message.string]
    return {placeholder for string in strings for placeholder in _PLACEHOLDER.findall(string or "")}


def _singular(message: Message) -> str:
    return message.id[0] if isinstance(message.id, list | tuple) else str(message.id)

"""Reading a page as a browser does: its forms with what stands in them, its scripts, its boot data."""

import json
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

_URL_ATTRIBUTES = ("hx-post", "hx-put", "data-autosave", "action")


@dataclass
class Form:
    """A form, or a button that sends by itself. `urls` are all addresses it may send to."""

    urls: tuple[str, ...]
    fields: list[tuple[str, str]] = field(default_factory=list)
    attributes: dict[str, str] = field(default_factory=dict)

    def filled(self, **values: str | list[str]) -> list[tuple[str, str]]:
        """Return what is sent when the given fields are typed over and the others are left as they are."""
        kept = [(name, value) for name, value in self.fields if name not in values]
        typed = [
            (name, one)
            for name, value in values.items()
            for one in ([value] if isinstance(value, str) else value)
        ]
        return kept + typed


class Page(HTMLParser):
    """A parsed page.

    `forms` in order, `assets` the scripts and style sheets, `data` the JSON script blocks by id, `links` all hrefs.
    """

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[Form] = []
        self.assets: list[str] = []
        self.links: list[str] = []
        self.data: dict[str, Any] = {}
        self._form: Form | None = None
        self._area: tuple[str, list[str]] | None = None
        self._select = ""
        self._json: tuple[str, list[str]] | None = None
        self.feed(html)
        self.close()

    def form(self, ending: str) -> Form | None:
        """Return the first form that sends to an address with this ending."""
        for form in self.forms:
            if any(url.split("?")[0].endswith(ending) for url in form.urls):
                return form
        return None

    def forms_with(self, name: str) -> list[Form]:
        """Return the forms that have a field of this name."""
        return [form for form in self.forms if any(known == name for known, _value in form.fields)]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        match tag:
            case "form":
                self._form = Form(_urls(found), attributes=found)
                self.forms.append(self._form)
            case "input" if self._form is not None and found.get("name"):
                kind = found.get("type", "text")
                if kind in {"checkbox", "radio"} and "checked" not in found:
                    return
                if kind not in {"submit", "button", "image", "file"}:
                    self._form.fields.append((found["name"], found.get("value", "")))
            case "textarea":
                self._area = (found.get("name", ""), [])
            case "select":
                self._select = found.get("name", "")
            case "option" if self._form is not None and self._select and "selected" in found:
                self._form.fields.append((self._select, found.get("value", "")))
            case "button" if self._form is None and _urls(found):
                self.forms.append(Form(_urls(found), attributes=found))
            case "script" if found.get("src"):
                self.assets.append(found["src"])
            case "script" if found.get("type") == "application/json":
                self._json = (found.get("id", ""), [])
            case "link" if "stylesheet" in found.get("rel", "") and found.get("href"):
                self.assets.append(found["href"])
            case "a" if found.get("href"):
                self.links.append(found["href"])

    def handle_endtag(self, tag: str) -> None:
        match tag:
            case "form":
                self._form = None
            case "select":
                self._select = ""
            case "textarea" if self._area is not None:
                name, parts = self._area
                if self._form is not None and name:
                    # HTML drops the line break right behind the opening tag.
                    self._form.fields.append((name, "".join(parts).removeprefix("\n")))
                self._area = None
            case "script" if self._json is not None:
                name, parts = self._json
                self.data[name] = json.loads("".join(parts))
                self._json = None

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._area[1].append(data)
        if self._json is not None:
            self._json[1].append(data)


def _urls(attributes: dict[str, str]) -> tuple[str, ...]:
    return tuple(attributes[name] for name in _URL_ATTRIBUTES if attributes.get(name))

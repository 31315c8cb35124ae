"""A page read as a browser would."""

from telehealth.selftest.pages import Page

HTML = """<!doctype html>
<link rel="stylesheet" href="/static/app.css"><link rel="icon" href="/favicon.svg">
<script type="module" src="/static/app.js"></script>
<script type="application/json" id="room-boot">{"ws_url": "/ws/\\u0022quoted\\u0022/"}</script>
<a href="/documents/1/">x</a>
<button hx-post="/requests/1/claim/">Nhận ca</button>
<form action="/requests/1/edit/" data-autosave="/api/requests/1/draft/" data-version="3">
  <input type="hidden" name="version" value="3">
  <input name="icd10" value="I21 &amp; I22">
  <textarea name="examination">
Tỉnh, &lt;đau&gt; ngực</textarea>
  <textarea name="questions">Một?</textarea><textarea name="questions">Hai?</textarea>
  <select name="hub"><option value="">—</option><option value="h1" selected>BV 1</option></select>
  <input type="radio" name="urgency" value="red"><input type="radio" name="urgency" value="urgent" checked>
  <input type="file" name="file"><button name="do" value="submit">Gửi</button>
</form>
"""


def test_reads_what_stands_in_a_form() -> None:
    form = Page(HTML).form("/edit/")
    assert form is not None
    assert form.urls == ("/api/requests/1/draft/", "/requests/1/edit/")
    assert form.fields == [
        ("version", "3"),
        ("icd10", "I21 & I22"),
        ("examination", "Tỉnh, <đau> ngực"),
        ("questions", "Một?"),
        ("questions", "Hai?"),
        ("hub", "h1"),
        ("urgency", "urgent"),
    ]


def test_typing_over_replaces_every_value_of_a_field() -> None:
    form = Page(HTML).form("/edit/")
    assert form is not None
    assert form.filled(questions=["Ba?"], version="4", do="submit") == [
        ("icd10", "I21 & I22"),
        ("examination", "Tỉnh, <đau> ngực"),
        ("hub", "h1"),
        ("urgency", "urgent"),
        ("questions", "Ba?"),
        ("version", "4"),
        ("do", "submit"),
    ]


def test_finds_buttons_assets_links_and_boot_data() -> None:
    page = Page(HTML)
    button = page.form("/claim/")
    assert button is not None
    assert button.fields == []
    assert page.assets == ["/static/app.css", "/static/app.js"]
    assert page.links == ["/documents/1/"]
    assert page.data == {"room-boot": {"ws_url": '/ws/"quoted"/'}}
    assert page.form("/sign/") is None
    assert [form.urls[-1] for form in page.forms_with("hub")] == ["/requests/1/edit/"]

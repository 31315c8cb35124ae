// @vitest-environment happy-dom
import { beforeEach, describe, expect, test } from 'vitest';

import { KEPT_MS, keepTyped } from './kept';
import { showOffline } from './offline';
import { showNewPerson } from './person';

const FORM = `<form data-kept><input name="full_name"><input name="citizen_number"><textarea name="reason"></textarea></form>`;

function field(name: string): HTMLInputElement {
  return document.querySelector<HTMLInputElement>(`[name="${name}"]`)!;
}

function type(name: string, value: string): void {
  field(name).value = value;
  field(name).dispatchEvent(new Event('input', { bubbles: true }));
}

beforeEach(() => {
  localStorage.clear();
  document.body.innerHTML = FORM;
});

describe('what was typed', () => {
  test('is there again after a reload, but for numbers of papers', () => {
    keepTyped(document, localStorage, () => 1000);
    type('full_name', 'Lô Thị Mẫu');
    type('citizen_number', '040185000456');
    type('reason', 'Ho ba ngày');
    document.body.innerHTML = FORM;
    keepTyped(document, localStorage, () => 2000);
    expect([field('full_name').value, field('citizen_number').value, field('reason').value]).toEqual(['Lô Thị Mẫu', '', 'Ho ba ngày']);
  });

  test('does not overwrite what the server sent back', () => {
    keepTyped(document, localStorage, () => 1000);
    type('full_name', 'Cũ');
    document.body.innerHTML = FORM;
    field('full_name').value = 'Mới';
    keepTyped(document, localStorage, () => 2000);
    expect(field('full_name').value).toBe('Mới');
  });

  test('is forgotten when it is old, when it was booked, and when it cannot be read', () => {
    keepTyped(document, localStorage, () => 0);
    type('full_name', 'Lô Thị Mẫu');
    document.body.innerHTML = FORM;
    keepTyped(document, localStorage, () => KEPT_MS);
    expect(field('full_name').value).toBe('');

    document.body.innerHTML = '<section class="booking-card"></section>';
    keepTyped(document, localStorage);
    expect(localStorage.length).toBe(0);

    localStorage.setItem('booking:typed', '{broken');
    document.body.innerHTML = FORM;
    keepTyped(document, localStorage);
    expect(field('full_name').value).toBe('');
  });
});

test('the fields of a new person are there only for somebody new', () => {
  document.body.innerHTML = `<input type="radio" name="who" value="7" checked><input type="radio" name="who" value="new"><fieldset data-new-person></fieldset>`;
  const fields = document.querySelector<HTMLElement>('[data-new-person]')!;
  const [known, other] = [...document.querySelectorAll<HTMLInputElement>('input')];
  showNewPerson(document);
  expect(fields.hidden).toBe(true);
  other!.checked = true;
  other!.dispatchEvent(new Event('change'));
  expect(fields.hidden).toBe(false);
  known!.checked = true;
  known!.dispatchEvent(new Event('change'));
  expect(fields.hidden).toBe(true);
});

test('a kept page says from when it is, a fresh one says nothing', () => {
  document.documentElement.lang = 'vi';
  document.body.dataset['asof'] = 'Trang lưu lúc';
  document.body.innerHTML = '<p data-offline hidden></p>';
  const notice = document.querySelector<HTMLElement>('p')!;
  showOffline(document, true);
  expect(notice.hidden).toBe(true);
  notice.dataset['at'] = String(Date.UTC(2026, 10, 24, 3, 30));
  showOffline(document, false);
  expect(notice.hidden).toBe(false);
  expect(notice.textContent).toMatch(/^Trang lưu lúc .*\d/);
});

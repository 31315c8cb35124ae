// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test } from 'vitest';

import { startWedge } from './keys';
import { announceScan, onScan, type Scan } from './scanned';

const CODE = '4012345678|4c|19/12/1985|2|-|40 - 099|$';

let at = 0;
let heard: Scan[] = [];
let stop: (() => void)[] = [];

beforeEach(() => {
  at += 10_000; // codes of one test are no bounce of another's
  heard = [];
  document.body.innerHTML = `<form><input id="field" value=""><input id="short" maxlength="10"><button id="button">Gửi</button></form>`;
  stop = [startWedge(document, () => at), onScan((scan) => heard.push(scan))];
});
afterEach(() => stop.forEach((one) => one()));

const element = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T;

/** Press one key as a browser does: the event first, then the character, unless somebody prevented it. */
function press(target: HTMLElement, key: string, options: KeyboardEventInit = {}, gap = 5): boolean {
  at += gap;
  const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...options });
  target.dispatchEvent(event);
  if (!event.defaultPrevented && key.length === 1 && target instanceof HTMLInputElement) {
    const place = target.selectionStart ?? target.value.length;
    if (target.maxLength < 0 || target.value.length < target.maxLength) {
      target.value = target.value.slice(0, place) + key + target.value.slice(place);
      target.setSelectionRange(place + 1, place + 1);
    }
  }
  return event.defaultPrevented;
}
const type = (target: HTMLElement, text: string, gap = 5): boolean[] => [...text].map((key) => press(target, key, {}, gap));

test('a code is heard wherever the focus is, and its Enter presses nothing', () => {
  type(element('button'), CODE);
  expect(press(element('button'), 'Enter')).toBe(true);
  expect(heard).toEqual([{ text: CODE, source: 'wedge' }]);
});

test('shortcuts of the page do not fire inside a code', () => {
  let shortcuts = 0;
  const listen = (event: KeyboardEvent): void => void (event.key === '/' && shortcuts++);
  document.addEventListener('keydown', listen);
  type(element('button'), CODE);
  press(element('button'), 'Enter');
  document.removeEventListener('keydown', listen);
  expect(shortcuts).toBe(0);
});

test('what was typed before stays in the field, the code does not', () => {
  const field = element<HTMLInputElement>('field');
  type(field, 'mẫu ghi chú', 90);
  field.setSelectionRange(3, 3);
  at += 500;
  type(field, CODE);
  press(field, 'Enter');
  expect(heard).toEqual([{ text: CODE, source: 'wedge' }]);
  expect(field.value).toBe('mẫu ghi chú');
});

test('a person who types and presses Enter is not swallowed', () => {
  const field = element<HTMLInputElement>('field');
  expect(type(field, 'nguyen van mau', 80)).not.toContain(true);
  expect(press(field, 'Enter', {}, 80)).toBe(false);
  expect(field.value).toBe('nguyen van mau');
  expect(heard).toEqual([]);
});

test('a key that is held down is no reader', () => {
  const field = element<HTMLInputElement>('field');
  for (let n = 0; n < 20; n += 1) press(field, 'a', { repeat: n > 0 }, 30);
  expect(press(field, 'Enter')).toBe(false);
  expect(heard).toEqual([]);
});

test('characters no key has are read from the field', () => {
  // A reader in ALT mode presses Alt and digits of the number pad; the letter itself comes without a key.
  const field = element<HTMLInputElement>('field');
  type(field, '040085000123||Nguy');
  press(field, 'Alt');
  field.value += 'ễ';
  field.setSelectionRange(field.value.length, field.value.length);
  type(field, 'n|02031985');
  press(field, 'Enter');
  expect(heard.map((scan) => scan.text)).toEqual(['040085000123||Nguyễn|02031985']);
});

test('an Enter that ends a composition ends no code', () => {
  const field = element<HTMLInputElement>('field');
  type(field, '12345678');
  expect(press(field, 'Enter', { isComposing: true })).toBe(false);
  expect(heard).toEqual([]);
});

test('a field too short for a code does not cut it', () => {
  type(element('short'), CODE);
  press(element('short'), 'Enter');
  expect(heard.map((scan) => scan.text)).toEqual([CODE]);
  expect(element<HTMLInputElement>('short').value).toBe('');
});

test('a trigger that bounces is one scan, the same card later is another', () => {
  announceScan('TK1:1', 'wedge', 1_000_000);
  announceScan('TK1:1\r\n', 'wedge', 1_000_500);
  announceScan('TK1:1', 'camera', 1_003_000);
  announceScan('  ', 'wedge', 1_009_000);
  expect(heard.length).toBe(2);
});

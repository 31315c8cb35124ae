// @vitest-environment happy-dom
import { beforeEach, expect, test, vi } from 'vitest';

import { announceScan } from '../scan';
import { startDesk } from './desk';

let now = 0;
let sent: string[] = [];

beforeEach(() => {
  now += 10_000;
  sent = [];
  document.body.innerHTML = `<div data-desk>
    <form data-desk-read id="read"><input type="hidden" name="source" value="typed"><input name="text" id="text"></form>
    <div data-desk-offline hidden><button data-desk-again></button></div><div data-desk-refused></div>
    <section id="desk-result"></section><template id="desk-empty"><p id="empty"></p></template></div>`;
  startDesk(document.querySelector<HTMLElement>('[data-desk]'));
  HTMLFormElement.prototype.requestSubmit = function (this: HTMLFormElement): void {
    const value = (name: string): string => (this.elements.namedItem(name) as HTMLInputElement).value;
    sent.push(`${this.id}: ${value('source')} ${value('text')}`);
  };
});

const result = (): HTMLElement => document.getElementById('desk-result') as HTMLElement;
const fire = (name: string, detail: unknown): boolean => document.body.dispatchEvent(new CustomEvent(name, { detail }));
const form = (): HTMLFormElement => document.getElementById('read') as HTMLFormElement;

test('a scan is sent at once and leaves no code in the field', () => {
  announceScan('TK1:1', 'wedge', now);
  expect(sent).toContain('read: wedge TK1:1');
  expect((document.getElementById('text') as HTMLInputElement).value).toBe('');
});

test('a second card goes to who is being received', () => {
  result().innerHTML = `<form id="second" data-desk-scan><input name="source"><input name="text"></form>`;
  announceScan('TK1:2', 'camera', now);
  expect(sent).toContain('second: camera TK1:2');
});

test('what to press next has the focus, and a digit chooses', () => {
  const pressed = vi.fn();
  result().innerHTML = `<button data-desk-focus data-desk-choice="2" id="two"></button>`;
  document.getElementById('two')?.addEventListener('click', pressed);
  fire('htmx:afterSettle', { target: result() });
  expect(document.activeElement?.id).toBe('two');
  document.activeElement?.dispatchEvent(new KeyboardEvent('keydown', { key: '2', bubbles: true }));
  expect(pressed).toHaveBeenCalledOnce();
});

test('a lost line says so, keeps what was typed and sends it again', () => {
  const typed = document.getElementById('text') as HTMLInputElement;
  typed.value = 'mẫu';
  fire('htmx:afterRequest', { elt: form(), xhr: { status: 0 } });
  expect(document.querySelector<HTMLElement>('[data-desk-offline]')?.hidden).toBe(false);
  expect(typed.value).toBe('mẫu');
  document.querySelector<HTMLElement>('[data-desk-again]')?.click();
  expect(sent.at(-1)).toContain('mẫu');
  fire('htmx:afterRequest', { elt: form(), xhr: { status: 200 } });
  expect(document.querySelector<HTMLElement>('[data-desk-offline]')?.hidden).toBe(true);
  expect(typed.value).toBe('');
});

test('a scan the server never got is sent again as it was', () => {
  announceScan('TK1:3', 'wedge', now);
  fire('htmx:afterRequest', { elt: form(), xhr: { status: 0 } });
  sent = [];
  document.querySelector<HTMLElement>('[data-desk-again]')?.click();
  expect(sent).toContain('read: wedge TK1:3');
});

test('a refusal is said above and takes nobody off the desk', () => {
  result().innerHTML = '<p id="person"></p>';
  fire('htmx:responseError', { xhr: { status: 409, responseText: '<div class="notice">Không phát số</div>' } });
  expect(document.querySelector('[data-desk-refused]')?.textContent).toBe('Không phát số');
  expect(document.getElementById('person')).not.toBeNull();
});

test('Esc is the next person', () => {
  result().innerHTML = '<p id="person"></p>';
  document.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape' }));
  expect(document.getElementById('empty')).not.toBeNull();
  expect(document.activeElement?.id).toBe('text');
});

// @vitest-environment happy-dom
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { startRepeatRows } from './repeat-rows';

const row = (id: string, text = ''): string => `
  <li data-repeat-row><span data-repeat-number></span><textarea id="q-${id}" name="questions">${text}</textarea><label for="q-${id}"></label>
    <button type="button" data-repeat-up></button><button type="button" data-repeat-down></button><button type="button" data-repeat-remove></button></li>`;

const texts = (): string[] => [...document.querySelectorAll<HTMLTextAreaElement>('#q > li textarea')].map((one) => one.value);
const numbers = (): string[] =>
  [...document.querySelectorAll('#q > li [data-repeat-number]')].map((one) => one.textContent ?? '');
const press = (n: number, what: string): void =>
  document.querySelectorAll<HTMLButtonElement>(`#q > li [data-repeat-${what}]`)[n]?.click();
const add = (): HTMLButtonElement => document.querySelector('[data-repeat-add]') as HTMLButtonElement;

let changes = 0;
beforeAll(() => {
  document.addEventListener('rows-changed', () => (changes += 1));
  startRepeatRows();
});

beforeEach(() => {
  changes = 0;
  document.body.innerHTML = `<ol id="q" data-repeat data-repeat-max="4">${row('0', 'một')}${row('1', 'hai')}${row('2', 'ba')}<template>${row('__n__')}</template></ol>
    <button type="button" data-repeat-add="q"></button>`;
});

describe('rows', () => {
  test('are added at the end with ids of their own, focused, up to the most allowed', () => {
    add().click();
    expect(numbers()).toEqual(['1', '2', '3', '4']);
    const made = document.querySelectorAll<HTMLTextAreaElement>('#q > li textarea')[3];
    expect(made?.id).toMatch(/^q-new\d+$/);
    expect(document.querySelectorAll<HTMLLabelElement>('#q > li label')[3]?.htmlFor).toBe(made?.id);
    expect(document.activeElement).toBe(made);
    expect(add().disabled).toBe(true);
    expect(changes).toBe(1);
  });

  test('move, keeping text, number and focus in step', () => {
    press(2, 'up');
    expect([texts(), numbers()]).toEqual([
      ['một', 'ba', 'hai'],
      ['1', '2', '3'],
    ]);
    press(1, 'up');
    expect(texts()).toEqual(['ba', 'một', 'hai']);
    // At the top "up" is off, so the focus goes to its twin.
    expect((document.activeElement as HTMLElement).dataset).toHaveProperty('repeatDown');
    press(0, 'down');
    expect(texts()).toEqual(['một', 'ba', 'hai']);
  });

  test('are removed, but never the last one', () => {
    press(0, 'remove');
    press(0, 'remove');
    expect([texts(), numbers()]).toEqual([['ba'], ['1']]);
    press(0, 'remove');
    expect(texts()).toEqual(['ba']);
  });
});

test('a formset is numbered anew after every change', () => {
  const item = (n: string): string =>
    `<li data-repeat-row><input name="q-${n}-text" id="id_q-${n}-text"><button type="button" data-repeat-remove></button></li>`;
  document.body.innerHTML = `<input type="hidden" name="q-TOTAL_FORMS" value="2">
    <ol id="q" data-repeat data-repeat-prefix="q">${item('0')}${item('1')}<template>${item('__prefix__')}</template></ol><button type="button" data-repeat-add="q"></button>`;
  add().click();
  press(0, 'remove');
  const names = [...document.querySelectorAll<HTMLInputElement>('#q > li input')].map((one) => [one.name, one.id]);
  expect(names).toEqual([
    ['q-0-text', 'id_q-0-text'],
    ['q-1-text', 'id_q-1-text'],
  ]);
  expect(document.querySelector<HTMLInputElement>('[name=q-TOTAL_FORMS]')?.value).toBe('2');
});

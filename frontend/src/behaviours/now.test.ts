// @vitest-environment happy-dom
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';

import { startNow, wallClock } from './now';

const ROW = `<li data-repeat-row><input type="datetime-local" name="at" data-now="Asia/Ho_Chi_Minh"><input name="pulse"><input name="temperature"></li>`;

const input = (name: string, row = 0): HTMLInputElement => document.querySelectorAll<HTMLInputElement>(`[name=${name}]`)[row]!;
const at = (row = 0): string => input('at', row).value;

function type(name: string, value: string, row = 0): void {
  input(name, row).value = value;
  input(name, row).dispatchEvent(new Event('input', { bubbles: true }));
}

beforeAll(startNow);
beforeEach(() => {
  vi.useFakeTimers({ now: new Date('2026-11-24T17:03:40Z') });
  document.body.innerHTML = `<form><ol>${ROW}${ROW}</ol><textarea name="history"></textarea></form>`;
});
afterEach(() => void vi.useRealTimers());

test('the wall clock is the hospital’s, whatever the zone of this computer', () => {
  expect(wallClock(new Date('2026-11-24T17:03:40Z'), 'Asia/Ho_Chi_Minh')).toBe('2026-11-25T00:03');
});

describe('the time of a row', () => {
  test('is now when its first value is typed, in that row only', () => {
    type('pulse', '1');
    expect([at(0), at(1)]).toEqual(['2026-11-25T00:03', '']);
  });

  test('is there before anything else hears of the key stroke', () => {
    let heard = '';
    document.querySelector('form')?.addEventListener('input', () => (heard = at()));
    type('pulse', '1');
    expect(heard).toBe('2026-11-25T00:03');
  });

  test('that was typed is kept', () => {
    type('at', '2026-11-24T05:00');
    type('pulse', '112');
    expect(at()).toBe('2026-11-24T05:00');
  });

  test('that came with the page is kept', () => {
    input('at').value = '2026-11-24T05:00';
    type('pulse', '112');
    expect(at()).toBe('2026-11-24T05:00');
  });

  test('half typed is kept: the browser calls it bad input', () => {
    vi.spyOn(input('at'), 'validity', 'get').mockReturnValue({ badInput: true } as ValidityState);
    type('pulse', '112');
    expect(at()).toBe('');
  });

  test('stays changed, and stays empty when it was emptied again', () => {
    type('pulse', '1');
    type('at', '2026-11-24T06:30');
    type('temperature', '37');
    expect(at()).toBe('2026-11-24T06:30');
    type('at', '');
    type('pulse', '11');
    expect(at()).toBe('');
  });

  test('stays empty when the row had values without a time', () => {
    input('pulse').value = '112';
    type('temperature', '37');
    expect(at()).toBe('');
  });

  test('waits for a value: clearing a field is none', () => {
    type('pulse', '');
    expect(at()).toBe('');
    type('pulse', '1');
    expect(at()).toBe('2026-11-25T00:03');
  });
});

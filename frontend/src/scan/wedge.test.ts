import { describe, expect, test } from 'vitest';

import { ENTER_GAP, LONGEST_GAP, MEAN_GAP, SHORTEST, Wedge } from './wedge';

const CODE = '040085000123|181234567|Nguyễn Văn Mẫu|02031985|Nam|Bản Mẫu|15082021';

/** Let keys arrive `gap` apart, then Enter; returns the verdict. */
function keys(text: string, gap: number, enter = gap): string | null {
  const wedge = new Wedge();
  let at = 1000;
  for (const character of text) {
    wedge.character(at, character);
    at += gap;
  }
  return wedge.end(at - gap + enter);
}

describe('a reader', () => {
  test.each([1, 5, 20, MEAN_GAP])('that sends a key every %i ms is heard', (gap) => {
    expect(keys(CODE, gap)).toBe(CODE);
  });

  test('may pause before Enter', () => {
    expect(keys(CODE, 5, ENTER_GAP)).toBe(CODE);
    expect(keys(CODE, 5, ENTER_GAP + 1)).toBeNull();
  });

  test('may stumble once', () => {
    const wedge = new Wedge();
    [0, 5, 10, 10 + LONGEST_GAP, 135, 140, 145, 150].forEach((at, n) => wedge.character(at, CODE[n] ?? ''));
    expect(wedge.end(155)).toBe(CODE.slice(0, 8));
  });
});

describe('a person', () => {
  test.each([60, 90, 200])('who types a key every %i ms is left alone', (gap) => {
    expect(keys('nguyen van mau', gap)).toBeNull();
  });

  test('who types two fast letters and Enter is left alone', () => {
    expect(keys('ab', 1)).toBeNull();
    expect(keys('x'.repeat(SHORTEST - 1), 1)).toBeNull();
  });

  test('who typed before the reader began is not mixed with it', () => {
    const wedge = new Wedge();
    ['v', 'u'].forEach((character, n) => wedge.character(n * 150, character));
    let at = 150 + LONGEST_GAP + 1;
    for (const character of CODE) wedge.character((at += 4), character);
    expect(wedge.end(at + 4)).toBe(CODE);
  });
});

test('a burst is known while it runs', () => {
  const wedge = new Wedge();
  expect(wedge.running(0)).toBe(false);
  [0, 5, 10].forEach((at) => wedge.character(at, '0'));
  expect(wedge.running(10)).toBe(true);
  expect(wedge.running(10 + LONGEST_GAP + 1)).toBe(false);
});

test('what a Vietnamese keyboard takes back is taken back', () => {
  const wedge = new Wedge();
  [...'123456d'].forEach((character, n) => wedge.character(n * 5, character));
  wedge.takeBack(35);
  wedge.character(40, 'đ');
  expect(wedge.end(45)).toBe('123456đ');
});

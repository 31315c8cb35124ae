import { expect, test } from 'vitest';

import { Gaps, nextAt } from './schedule';

const at = (text: string): number => Date.parse(`2026-11-24T${text}Z`);

test('a station measures once an hour, in its own minute', () => {
  expect(nextAt(at('07:10:00'), 25)).toBe(at('07:25:00'));
  expect(nextAt(at('07:25:00'), 25)).toBe(at('08:25:00'));
  expect(nextAt(at('07:59:59'), 5)).toBe(at('08:05:00'));
});

test('a break counts once, from when it began to when it is over', () => {
  const gaps = new Gaps();
  gaps.back(0);
  gaps.broke(1_000);
  gaps.broke(9_000);
  expect(gaps.take()).toEqual({ count: 0, seconds: 0 });
  gaps.back(16_000);
  gaps.broke(20_000);
  gaps.back(25_000);
  const told = gaps.take();
  expect(told).toEqual({ count: 2, seconds: 20 });
  expect(gaps.take()).toEqual({ count: 0, seconds: 0 });
  gaps.giveBack(told);
  expect(gaps.take()).toEqual(told);
});

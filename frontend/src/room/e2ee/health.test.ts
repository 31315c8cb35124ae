import { expect, test } from 'vitest';

import { Health } from './health';

function fail(health: Health, from: number, to: number): void {
  for (let now = from; now <= to; now += 100) health.failed(now);
}

test('three seconds without a readable frame are said, not less', () => {
  const health = new Health();
  fail(health, 0, 2900);
  expect(health.unreadable(2900)).toBe(false);
  health.failed(3000);
  expect(health.unreadable(3000)).toBe(true);
  expect(health.dropped).toBe(31);
  health.opened();
  expect(health.unreadable(3000)).toBe(false);
});

test('silence is not unreadable, and what comes after it counts anew', () => {
  const health = new Health();
  fail(health, 0, 3000);
  expect(health.unreadable(5000)).toBe(false);
  fail(health, 10_000, 12_000);
  expect(health.unreadable(12_000)).toBe(false);
});

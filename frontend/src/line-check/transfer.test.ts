import { expect, test } from 'vitest';

import { kbps, LIGHT, measure, nextBytes, WHOLE, type Move, type Transfer } from './transfer';

/** A line of so many kilobits a second and so much round trip; what takes longer than the patience is broken off. */
function line(rateKbps: number, roundTripMs: number, asked: number[] = []): Move {
  return (bytes, patienceMs) => {
    asked.push(bytes);
    const ms = roundTripMs + (bytes * 8) / rateKbps;
    const whole = ms <= patienceMs;
    const through = whole ? bytes : Math.round(((patienceMs - roundTripMs) * rateKbps) / 8);
    return Promise.resolve<Transfer>({ bytes: through, ms: Math.min(ms, patienceMs), whole });
  };
}

test.each([
  [64, 650],
  [256, 120],
  [400, 200],
  [2_000, 60],
  [20_000, 20],
])('a line of %i kbit/s with %i ms is measured within a tenth', async (rate, roundTrip) => {
  const measured = await measure(line(rate, roundTrip), WHOLE, roundTrip);
  expect(measured).toBeGreaterThan(rate * 0.9);
  expect(measured).toBeLessThan(rate * 1.1);
});

test('a thin line is filled once and no more', async () => {
  const asked: number[] = [];
  await measure(line(64, 300, asked), WHOLE, 300);
  expect(asked).toEqual([16 * 1024]);
});

test('a thick line is measured by ever larger transfers, up to the limit', async () => {
  const asked: number[] = [];
  await measure(line(50_000, 20, asked), WHOLE, 20);
  expect(asked).toEqual([16, 64, 256, 1024].map((kib) => kib * 1024));
  const light: number[] = [];
  await measure(line(50_000, 20, light), LIGHT, 20);
  expect(light).toEqual([16, 64, 256].map((kib) => kib * 1024));
});

test('what was broken off still tells a rate, and ends the measuring', async () => {
  expect(await measure(line(10, 100), WHOLE, 100)).toBeCloseTo(10, 0);
});

test('nothing came through: nothing is known', () => {
  expect(kbps([{ bytes: 0, ms: 8_000, whole: false }], 50)).toBeNull();
  expect(kbps([], 50)).toBeNull();
});

test('no transfer is begun when the time is over', () => {
  expect(nextBytes([{ bytes: 16_384, ms: 900, whole: true }], { ...WHOLE, allMs: 800 })).toBeNull();
});

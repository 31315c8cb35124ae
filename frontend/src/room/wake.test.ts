import { expect, test } from 'vitest';

import { Wakefulness } from './wake';

test('a clock that stood still means that the machine slept', () => {
  const woken: number[] = [];
  let now = 0;
  const wakefulness = new Wakefulness(() => woken.push(now));
  for (now of [0, 250, 500, 5_000, 60_000, 60_250]) wakefulness.tick(now);
  expect(woken).toEqual([60_000]);
});

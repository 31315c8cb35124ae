import { expect, test } from 'vitest';

import { relative } from './time';

const MINUTE = 60_000;

test.each([
  [-30_000, false, 'vừa xong'],
  [-5 * MINUTE, false, '5 phút trước'],
  [-60 * MINUTE, false, null],
  [5 * MINUTE, false, null],
  [8 * MINUTE, true, 'còn 8 phút'],
  [20_000, true, 'còn 1 phút'],
  [-3 * MINUTE, true, 'quá 3 phút'],
  [90 * MINUTE, true, null],
])('%i ms from now, due %s: %s', (distance, due, text) => {
  expect(relative(1e12 + distance, 1e12, due)).toBe(text);
});

import { expect, test } from 'vitest';

import { causeOf, levelOf } from './check';

test('a browser’s error is one of the causes there are words for', () => {
  const names = ['NotAllowedError', 'SecurityError', 'NotFoundError', 'OverconstrainedError', 'NotReadableError', 'AbortError', ''];
  expect(names.map(causeOf)).toEqual(['denied', 'denied', 'missing', 'missing', 'in_use', 'in_use', 'in_use']);
});

test('silence is nothing, speech is something, and nothing is more than all', () => {
  const tone = (height: number): Uint8Array => Uint8Array.from({ length: 1024 }, (_, i) => 128 + height * Math.sin(i / 5));
  expect(levelOf(new Uint8Array(1024).fill(128))).toBe(0);
  expect(levelOf(tone(6))).toBeGreaterThan(0.06);
  expect(levelOf(tone(127))).toBe(1);
  expect(levelOf(new Uint8Array(0))).toBe(0);
});

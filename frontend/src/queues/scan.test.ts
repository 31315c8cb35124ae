import { expect, test } from 'vitest';

import { Wedge } from './scan';

function typed(text: string, every: number): { scans: string[]; taken: boolean[] } {
  const scans: string[] = [];
  const wedge = new Wedge((scan) => scans.push(scan));
  const taken = [...text].map((c, i) => wedge.key(c === '\n' ? 'Enter' : c, 1_000 + i * every));
  return { scans, taken };
}

test('what a scanner types is one text, and its keys mean nothing else after the second', () => {
  const { scans, taken } = typed('040123|Nguyễn\n', 8);
  expect(scans).toEqual(['040123|Nguyễn']);
  expect(taken).toEqual([false, false, ...Array<boolean>(12).fill(true)]);
});

test('what a person types stays keys', () => {
  expect(typed('1234567\n', 140)).toEqual({ scans: [], taken: Array<boolean>(8).fill(false) });
});

test('a few quick keys are no scan', () => {
  expect(typed('123\n', 10).scans).toEqual([]);
});

test('one scan after another', () => {
  expect(typed('NA-ABCDEF\nNA-GHIJKL\n', 5).scans).toEqual(['NA-ABCDEF', 'NA-GHIJKL']);
});

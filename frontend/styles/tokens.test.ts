import { readFileSync } from 'node:fs';

import { describe, expect, test } from 'vitest';

const css = readFileSync(new URL('./tokens.css', import.meta.url), 'utf8');
const tokens = new Map([...css.matchAll(/--([a-z-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)/g)].map(([, name, light, dark]) => [name ?? '', [light ?? '', dark ?? '']]));

/** WCAG 2.2 contrast ratio of two `#rrggbb` colours. */
function contrast(a: string, b: string): number {
  const luminance = (hex: string): number => {
    const [r, g, bl] = [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16) / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * (r ?? 0) + 0.7152 * (g ?? 0) + 0.0722 * (bl ?? 0);
  };
  const [hi, lo] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (hi + 0.05) / (lo + 0.05);
}

const SURFACES = ['ground', 'surface', 'surface-sunk', 'surface-hover'];
const pairs: [ink: string, on: string, least: number][] = [
  ...SURFACES.flatMap((on): [string, string, number][] => [['ink', on, 7], ['ink-soft', on, 7], ['ink-faint', on, 4.5], ['action', on, 4.5]]),
  ...['red', 'amber', 'green', 'blue'].flatMap((hue): [string, string, number][] => [[`${hue}-ink`, `${hue}-soft`, 7], [`${hue}-ink`, 'surface', 7], [`${hue}-ink`, 'ground', 7], [hue, 'surface', 3]]),
  ['on-action', 'action', 7],
  ['on-action', 'action-hover', 7],
  ['action', 'action-soft', 4.5],
  ['on-red', 'red', 4.5],
  ['line-strong', 'surface', 3],
  ['focus', 'ground', 3],
  ['focus', 'surface', 3],
];

describe.each([['light', 0], ['dark', 1]] as const)('%s', (_, theme) => {
  test.each(pairs)('%s on %s is at least %f : 1', (ink, on, least) => {
    const [a, b] = [tokens.get(ink)?.[theme], tokens.get(on)?.[theme]];
    expect(contrast(a ?? '', b ?? '')).toBeGreaterThanOrEqual(least);
  });
});

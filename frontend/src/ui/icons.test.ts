import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { ICONS } from './icons';

const templates = new URL('../../templates', import.meta.url).pathname;

test('every icon a template names is in the sprite', () => {
  const named = readdirSync(templates, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.html'))
    .flatMap((path) =>
      [...readFileSync(join(templates, path), 'utf8').matchAll(/components\/icon\.html" with name="([^"]+)"/g)].map(
        (match) => match[1] ?? '',
      ),
    );
  expect(named.length).toBeGreaterThan(0);
  expect(named.filter((name) => !(ICONS as readonly string[]).includes(name))).toEqual([]);
});

test('no icon is listed twice', () => {
  expect(new Set(ICONS).size).toBe(ICONS.length);
});

// @vitest-environment happy-dom
import { afterEach, expect, test, vi } from 'vitest';

import { StationLine, takeToken } from './station';

afterEach(() => {
  localStorage.clear();
  vi.unstubAllGlobals();
});

test('a token that comes in the address is kept, and taken out of it', () => {
  expect(takeToken()).toBe('');
  location.hash = '#id%3Asigned';
  expect([takeToken(), location.hash]).toEqual(['id:signed', '']);
  expect(takeToken()).toBe('id:signed');
});

test('a pulse carries the token and no cookie, and learns whose line it is; refusals are told apart', async () => {
  const asked: RequestInit[] = [];
  const site = { place: 'TTYT Quế Phong', minute: 17 };
  const answers = [new Response(JSON.stringify(site)), new Response('', { status: 401 }), new Response('', { status: 503 })];
  vi.stubGlobal('fetch', async (_url: string, init: RequestInit) => (asked.push(init), answers.shift() ?? Promise.reject(new TypeError())));
  const line = new StationLine('/pulse/', 'id:signed');
  expect(await line.pulse(1_000)).toBeGreaterThanOrEqual(0);
  expect(line.site).toEqual(site);
  expect(asked[0]).toMatchObject({ headers: { Authorization: 'Station id:signed' }, credentials: 'omit' });
  for (const code of ['unknown', 'server', 'silent']) await expect(line.pulse(1_000)).rejects.toMatchObject({ code });
});

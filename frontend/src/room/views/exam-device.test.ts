// @vitest-environment happy-dom
import { afterEach, expect, test, vi } from 'vitest';

import type { Boot } from '../boot';
import { examDevice } from './exam-device';

const boot = { devices_url: '/api/sessions/s/devices/', csrf_token: 'csrf' } as Boot;

afterEach(() => vi.unstubAllGlobals());

async function asked(status: number, body: object): Promise<HTMLElement> {
  const fetched = vi.fn(() => Promise.resolve(new Response(JSON.stringify(body), { status })));
  vi.stubGlobal('fetch', fetched);
  const element = examDevice(boot);
  element.querySelector('button')?.click();
  await vi.waitFor(() => expect(element.querySelector('button')?.disabled).toBe(false));
  expect(fetched).toHaveBeenCalledWith(boot.devices_url, {
    method: 'POST',
    headers: { 'X-CSRFToken': 'csrf', Accept: 'application/json' },
  });
  return element;
}

test('address and code are shown, to be copied', async () => {
  const pass = { url: 'https://s/whip/', token: 'abc', url_with_token: 'https://s/whip/abc/', seconds: 900 };
  const element = await asked(201, pass);
  const values = [...element.querySelectorAll('input')].map((input) => input.value);
  expect(values).toEqual(['https://s/whip/', 'abc', 'https://s/whip/abc/']);
  expect(element.textContent).toContain('trong 15 phút');
});

test('a refusal is told in its own words', async () => {
  const element = await asked(403, { code: 'room.not_in', text: 'Anh/chị chưa được mời vào phòng.' });
  expect(element.querySelector('[role=status]')?.textContent).toBe('Anh/chị chưa được mời vào phòng.');
});

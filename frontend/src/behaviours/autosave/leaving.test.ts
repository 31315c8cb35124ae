// @vitest-environment happy-dom
import { beforeEach, describe, expect, test, vi } from 'vitest';

import { startAutosave } from '.';
import { keep } from './kept';

const OWN = 'draft:42:request:1';
const OTHERS = 'draft:7:request:2';
const draft = { version: 3, fields: [['history', 'đau ngực']] as [string, string][] };
const submitted = vi.fn();
const signOut = (): HTMLFormElement => document.querySelector('[data-sign-out]') as HTMLFormElement;
const dialog = (): HTMLDialogElement | null => document.querySelector('#leaving');
const press = (name: string): void =>
  [...document.querySelectorAll<HTMLButtonElement>('#leaving button')].find((button) => button.textContent === name)?.click();

function server(answer: () => Promise<Response>): void {
  vi.stubGlobal('fetch', vi.fn(answer));
}
const takes = async (): Promise<Response> => Response.json({ version: 4, saved_at: '2026-11-24T14:03:00+07:00' });
const isAway = async (): Promise<Response> => Promise.reject(new TypeError('Failed to fetch'));

/** Ask to sign out; says whether the page let it happen at once. */
const leaveAtOnce = (): boolean => signOut().dispatchEvent(new Event('submit', { bubbles: true, cancelable: true }));

startAutosave();

beforeEach(() => {
  localStorage.clear();
  document.body.innerHTML = '<form data-sign-out></form><p data-kept-drafts hidden></p>';
  document.body.dataset['user'] = '42';
  submitted.mockReset();
  signOut().submit = submitted;
});

describe('signing out', () => {
  test('goes at once when nothing is kept', () => {
    expect(leaveAtOnce()).toBe(true);
  });

  test('sends what other pages kept, forgets it here, and goes', async () => {
    server(takes);
    keep(OWN, '/api/requests/1/', draft);
    expect(leaveAtOnce()).toBe(false);
    await vi.waitFor(() => expect(submitted).toHaveBeenCalledOnce());
    expect(vi.mocked(fetch).mock.calls[0]?.[0]).toBe('/api/requests/1/');
    expect(localStorage.getItem(OWN)).toBeNull();
    expect(dialog()).toBeNull();
  });

  test('asks while something cannot be sent, and waits', async () => {
    server(isAway);
    keep(OWN, '/api/requests/1/', draft);
    leaveAtOnce();
    await vi.waitFor(() => expect(dialog()?.querySelector('h2')?.textContent).toBe('1 bản nháp chưa tới máy chủ'));
    expect(submitted).not.toHaveBeenCalled();
    server(takes);
    press('Gửi lại rồi đăng xuất');
    await vi.waitFor(() => expect(submitted).toHaveBeenCalledOnce());
    expect(localStorage.getItem(OWN)).toBeNull();
  });

  test("deletes only when told to, and only the person's own", async () => {
    server(isAway);
    keep(OWN, '/api/requests/1/', draft);
    keep(OTHERS, '/api/requests/2/', draft);
    leaveAtOnce();
    await vi.waitFor(() => expect(dialog()).not.toBeNull());
    press('Đăng xuất và xóa');
    expect(submitted).toHaveBeenCalledOnce();
    expect(Object.keys(localStorage)).toEqual([OTHERS]);
  });

  test('staying keeps everything', async () => {
    server(isAway);
    keep(OWN, '/api/requests/1/', draft);
    leaveAtOnce();
    await vi.waitFor(() => expect(dialog()).not.toBeNull());
    press('Ở lại');
    expect([dialog(), submitted.mock.calls.length, localStorage.length]).toEqual([null, 0, 1]);
  });
});

describe('coming back', () => {
  test("the person's own copies go to the server from any page, another's stay", async () => {
    server(takes);
    keep(OWN, '/api/requests/1/', draft);
    keep(OTHERS, '/api/requests/2/', draft);
    startAutosave();
    await vi.waitFor(() => expect(Object.keys(localStorage)).toEqual([OTHERS]));
    expect(vi.mocked(fetch)).toHaveBeenCalledOnce();
  });

  test('what the server refuses stays', async () => {
    server(async () => Response.json({ code: 'request.not_draft', text: 'Đã gửi.' }, { status: 409 }));
    keep(OWN, '/api/requests/1/', draft);
    startAutosave();
    await vi.waitFor(() => expect(vi.mocked(fetch)).toHaveBeenCalledOnce());
    expect(localStorage.getItem(OWN)).not.toBeNull();
  });

  test('the sign-in page says that drafts wait, and sends none', () => {
    server(takes);
    document.body.dataset['user'] = '';
    keep(OTHERS, '/api/requests/2/', draft);
    startAutosave();
    const place = document.querySelector<HTMLElement>('[data-kept-drafts]');
    expect([place?.hidden, place?.textContent]).toEqual([
      false,
      'Máy này còn 1 bản nháp chưa gửi. Người viết đăng nhập lại thì bản nháp tự gửi.',
    ]);
    expect(vi.mocked(fetch)).not.toHaveBeenCalled();
  });
});

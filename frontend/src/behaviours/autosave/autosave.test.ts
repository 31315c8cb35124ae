// @vitest-environment happy-dom
import { beforeEach, describe, expect, test, vi } from 'vitest';

import { flushAll, putDraft, startAutosave } from '.';
import { fieldsOf, readFields, writeFields } from './fields';

const FORM = `
  <form id="f" data-autosave="/draft/" data-version="3" data-draft-key="request:1">
    <input type="hidden" name="csrfmiddlewaretoken" value="t"><input type="hidden" name="version" value="3">
    <label for="h"><span>Bệnh sử</span></label><textarea id="h" name="history"></textarea>
    <label><input type="checkbox" name="consent" value="yes"></label>
    <ol data-repeat id="q"><li data-repeat-row><textarea name="question"></textarea></li>
      <template><li data-repeat-row><textarea name="question"></textarea></li></template></ol>
    <span data-autosave-state></span>
  </form>`;

const form = (): HTMLFormElement => document.querySelector('form') as HTMLFormElement;
const history = (): HTMLTextAreaElement => document.querySelector('[name=history]') as HTMLTextAreaElement;
const KEY = 'draft:42:request:1';

beforeEach(() => {
  localStorage.clear();
  document.body.innerHTML = FORM;
  document.body.dataset['user'] = '42';
  vi.stubGlobal(
    'fetch',
    vi.fn(() => new Promise(() => {})),
  );
});

describe('fields', () => {
  test('content only, in order, and back again with as many rows as were written', () => {
    const fields: [string, string][] = [
      ['history', 'đau ngực'],
      ['consent', 'yes'],
      ['question', 'một'],
      ['question', 'hai'],
      ['question', 'ba'],
    ];
    writeFields(form(), fields);
    expect(readFields(form())).toEqual(fields);
    expect(document.querySelectorAll('[data-repeat-row]')).toHaveLength(3);
  });

  test('an unchecked box stays unchecked', () => {
    writeFields(form(), [['consent', 'yes']]);
    writeFields(form(), [['history', '']]);
    expect((document.querySelector('[name=consent]') as HTMLInputElement).checked).toBe(false);
  });

  test('values of a conflict become fields', () => {
    expect(fieldsOf({ a: 'x', b: ['y', 'z'] })).toEqual([
      ['a', 'x'],
      ['b', 'y'],
      ['b', 'z'],
    ]);
  });
});

describe('on the page', () => {
  test('typing is kept on this device under the person and the draft', () => {
    startAutosave();
    history().value = 'đau ngực';
    form().dispatchEvent(new Event('input'));
    expect(JSON.parse(localStorage.getItem(KEY) ?? '')).toEqual({
      version: 3,
      fields: [
        ['history', 'đau ngực'],
        ['question', ''],
      ],
      url: '/draft/',
    });
    expect(document.querySelector('[data-autosave-state]')?.textContent).toBe('Chưa lưu…');
  });

  test('an acknowledged save is told to the page, with the new version already in place', async () => {
    vi.stubGlobal('fetch', async () => Response.json({ version: 4, saved_at: '2026-11-24T14:03:00+07:00' }));
    startAutosave();
    const told = new Promise((resolve) =>
      document.body.addEventListener('autosaved', () => resolve(form().dataset['version']), { once: true }),
    );
    history().value = 'đau ngực';
    form().dispatchEvent(new Event('input'));
    expect(await flushAll()).toBe(true);
    expect(await told).toBe('4');
  });

  test('fields swapped in by the server are saved too; sentences swapped in are not', () => {
    startAutosave();
    const part = document.createElement('div');
    form().append(part);
    part.innerHTML = '<p>112 nhịp/phút</p>';
    part.dispatchEvent(new CustomEvent('htmx:afterSwap', { bubbles: true }));
    expect(localStorage.getItem(KEY)).toBeNull();
    part.innerHTML = '<select name="hub"><option value="7" selected></option></select>';
    part.dispatchEvent(new CustomEvent('htmx:afterSwap', { bubbles: true }));
    expect((JSON.parse(localStorage.getItem(KEY) ?? '') as { fields: unknown }).fields).toContainEqual(['hub', '7']);
  });

  test('after a reload the draft is back', () => {
    localStorage.setItem(
      KEY,
      JSON.stringify({
        version: 3,
        fields: [
          ['history', 'dở dang'],
          ['question', 'một'],
          ['question', 'hai'],
        ],
      }),
    );
    startAutosave();
    expect(history().value).toBe('dở dang');
    expect(document.querySelectorAll('[data-repeat-row]')).toHaveLength(2);
  });

  test("another person's draft is not shown", () => {
    localStorage.setItem('draft:7:request:1', JSON.stringify({ version: 3, fields: [['history', 'của người khác']] }));
    startAutosave();
    expect(history().value).toBe('');
  });

  test('a draft older than the server: both versions are shown, one is chosen', () => {
    history().textContent = 'bản mới trên máy chủ';
    localStorage.setItem(
      KEY,
      JSON.stringify({
        version: 2,
        fields: [
          ['history', 'bản của tôi'],
          ['question', ''],
        ],
      }),
    );
    startAutosave();
    const sides = [...document.querySelectorAll('.conflict__side')].map((side) => side.lastChild?.textContent);
    expect([document.querySelector('.conflict h3')?.textContent, ...sides]).toEqual([
      'Bệnh sử',
      'bản của tôi',
      'bản mới trên máy chủ',
    ]);
    document.querySelectorAll<HTMLButtonElement>('.conflict button')[1]?.click();
    expect([history().value, localStorage.getItem(KEY), document.querySelector('.conflict')]).toEqual([
      'bản mới trên máy chủ',
      null,
      null,
    ]);
  });

  test('a draft equal to the page is forgotten', () => {
    localStorage.setItem(
      KEY,
      JSON.stringify({
        version: 3,
        fields: [
          ['history', ''],
          ['question', ''],
        ],
      }),
    );
    startAutosave();
    expect(localStorage.getItem(KEY)).toBeNull();
  });
});

describe('over the wire', () => {
  const reply = (status: number, body: unknown): typeof fetch =>
    (async () => new Response(JSON.stringify(body), { status })) as typeof fetch;
  const draft = { version: 3, fields: [['history', 'x']] as [string, string][] };

  test('fields and version travel as a form', async () => {
    const get = vi.fn(reply(200, { version: 4, saved_at: '2026-11-24T14:03:00+07:00' }));
    expect(await putDraft('/draft/', draft, get)).toEqual({ kind: 'saved', version: 4, savedAt: '2026-11-24T14:03:00+07:00' });
    const init = get.mock.calls[0]?.[1];
    expect([init?.method, String(init?.body)]).toEqual(['PUT', 'history=x&version=3']);
  });

  test.each([
    [
      409,
      { code: 'conflict', text: 'Đã sửa.', version: 9, values: { history: 'y' } },
      { kind: 'conflict', version: 9, text: 'Đã sửa.', values: { history: 'y' } },
    ],
    [422, { code: 'invalid', text: 'Mạch phải là số.' }, { kind: 'refused', text: 'Mạch phải là số.' }],
    [401, {}, { kind: 'signed_out' }],
    [403, { code: 'csrf.failed', text: 'Trang đã cũ.' }, { kind: 'signed_out' }],
    [403, { code: 'answer.not_owner', text: 'Chỉ bác sĩ đã nhận ca.' }, { kind: 'refused', text: 'Chỉ bác sĩ đã nhận ca.' }],
    [429, {}, { kind: 'unreachable' }],
    [502, {}, { kind: 'unreachable' }],
  ])('status %i', async (status, body, result) => {
    expect(await putDraft('/draft/', draft, reply(status, body))).toEqual(result);
  });

  test('no network', async () => {
    const down = (async () => {
      throw new TypeError('Failed to fetch');
    }) as typeof fetch;
    expect(await putDraft('/draft/', draft, down)).toEqual({ kind: 'unreachable' });
  });
});

// @vitest-environment happy-dom
import { expect, test, vi } from 'vitest';

import { r } from '../../i18n/room';
import { at, arrived, log, person } from '../../test/room';
import { initialState, reduce, type ChatPage, type RoomState } from '../state';
import type { Boot } from '../boot';
import { Chat } from './chat';

const ME = person('s', 'spoke');
const KEY = 'a-key';
const BOOT = { chat_url: '/chat/' } as Boot;
const ACTIONS = { post: () => {}, page: () => {} };

function state(): RoomState {
  const permissions = { admit: false, mark_patient: true, remove: false, end_call: true };
  const welcomed = reduce(initialState('x', null), {
    from: 'server',
    now: 0,
    message: { type: 'welcome', participant_id: 's', permissions, snapshot: null, events: log([arrived(ME)]) },
  });
  return { ...welcomed, pending: { [KEY]: { do: 'post_chat', text: 'Chào bác sĩ', document_id: null } } };
}

test('a line is "sending" only until the log has it, even when its event comes before its acknowledgement', () => {
  const chat = new Chat(BOOT, ACTIONS);
  const going = state();
  chat.update(going);
  expect(chat.element.textContent).toContain(r.chat.sending);
  const body = { kind: 'chat_posted' as const, message_id: KEY, participant_id: 's', text: 'Chào bác sĩ', document: null };
  const said = reduce(going, {
    from: 'server',
    now: 0,
    message: { type: 'events', events: [{ seq: going.room.seq + 1, at: at(9), body }] },
  });
  chat.update({ ...said, pending: going.pending });
  expect(chat.element.textContent).not.toContain(r.chat.sending);
  expect(chat.element.querySelectorAll('.line')).toHaveLength(1);
});

test('what could not be sent comes back into the box, before what was typed since', () => {
  const chat = new Chat(BOOT, ACTIONS);
  const box = chat.element.querySelector('textarea') as HTMLTextAreaElement;
  box.value = 'sau';
  chat.giveBack('trước');
  expect(box.value).toBe('trước\nsau');
});

test('earlier messages are read from before the oldest shown; what goes wrong is said', async () => {
  const line = { message_id: 'old', participant_id: 's', at: at(1), text: 'cũ', document: null };
  const answers = [new Response('', { status: 503 }), new Response(JSON.stringify({ chat: [line], chat_before: 0 }))];
  const asked: unknown[] = [];
  vi.stubGlobal('fetch', async (url: string) => (asked.push(url), answers.shift()));
  let shown: RoomState = { ...state(), pending: {} };
  shown = { ...shown, room: { ...shown.room, chat_before: 1 } };
  const page = (read: ChatPage): void => {
    shown = reduce(shown, { from: 'local', event: { kind: 'chat_page', page: read } });
    chat.update(shown);
  };
  const chat = new Chat(BOOT, { ...ACTIONS, page });
  chat.update(shown);
  const more = chat.element.querySelector('.chat__earlier button') as HTMLButtonElement;
  expect(more.textContent).toBe(r.chat.earlier(1));
  more.click();
  await vi.waitFor(() => expect(chat.element.textContent).toContain(r.chat.earlierFailed));
  more.click();
  await vi.waitFor(() => expect(chat.element.querySelector('.line')?.textContent).toContain('cũ'));
  expect(asked).toEqual(['/chat/1/', '/chat/1/']);
  expect((chat.element.querySelector('.chat__earlier') as HTMLElement).hidden).toBe(true);
  vi.unstubAllGlobals();
});

// @vitest-environment happy-dom
import { expect, test } from 'vitest';

import { r } from '../../i18n/room';
import { at, arrived, log, person } from '../../test/room';
import { initialState, reduce, type RoomState } from '../state';
import type { Boot } from '../boot';
import { Chat } from './chat';

const ME = person('s', 'spoke');
const KEY = 'a-key';

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
  const chat = new Chat({} as Boot, { post: () => {} });
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
  const chat = new Chat({} as Boot, { post: () => {} });
  const box = chat.element.querySelector('textarea') as HTMLTextAreaElement;
  box.value = 'sau';
  chat.giveBack('trước');
  expect(box.value).toBe('trước\nsau');
});

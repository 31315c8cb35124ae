import { describe, expect, test } from 'vitest';

import { CHAT_SHOWN, type LoggedEvent, type Permissions, type ServerMessage } from '../protocol/messages.gen';
import { admitted, arrived, at, entered, inRoom, left, log, person, said } from '../test/room';
import { emptyRoom, fold } from './fold';
import { firstShown, initialState, myself, reduce, unread, viewOf, type LocalEvent, type RoomState } from './state';

const ME = person('me', 'spoke');
const HUB = person('hub', 'hub');
const MAY: Permissions = { admit: false, mark_patient: true, remove: false, end_call: false };

const local = (state: RoomState, event: LocalEvent): RoomState => reduce(state, { from: 'local', event });
const hear = (state: RoomState, message: ServerMessage, now = 0): RoomState => reduce(state, { from: 'server', message, now });
const events = (state: RoomState, list: LoggedEvent[]): RoomState => hear(state, { type: 'events', events: list });
const welcome = (list: LoggedEvent[]): ServerMessage => ({
  type: 'welcome',
  participant_id: 'me',
  permissions: MAY,
  snapshot: null,
  events: list,
});

function welcomed(list: LoggedEvent[] = log([{ kind: 'session_opened', encrypted: false }])): RoomState {
  return hear(initialState('s', null), welcome(list));
}

describe('what is shown', () => {
  test('first the device check, then the waiting room, then the call, then the end', () => {
    let state = welcomed();
    expect(viewOf(state)).toBe('check');
    state = local(state, { kind: 'ready' });
    expect(viewOf(state)).toBe('waiting');
    state = events(state, log([arrived(ME)], 2));
    expect(viewOf(state)).toBe('waiting');
    state = events(state, log([admitted('me')], 3));
    expect(viewOf(state)).toBe('live');
    state = events(state, log([entered('me'), { kind: 'session_ended', reason: 'finished', by: null }], 4));
    expect(viewOf(state)).toBe('ended');
  });

  test('a lost line keeps the call on screen; a closed one ends it', () => {
    const state = local(welcomed(log(inRoom(ME))), { kind: 'ready' });
    expect(viewOf(local(state, { kind: 'line', line: 'reconnecting' }))).toBe('live');
    expect(viewOf(local(state, { kind: 'line', line: 'closed', code: 4409 }))).toBe('ended');
  });

  test('being put out is told apart from leaving', () => {
    const state = local(welcomed(log(inRoom(ME))), { kind: 'ready' });
    expect(events(state, log([left('me', 'removed')], 4)).intent).toBe('removed');
    expect(events(state, log([left('me', 'lost')], 4)).intent).toBe('in');
    expect(events(state, log([left('hub', 'removed')], 4)).intent).toBe('in');
  });
});

describe('server messages', () => {
  test('a snapshot replaces the room, events continue it', () => {
    const snapshot = log([arrived(HUB), said('hub', 'chào')]).reduce(fold, emptyRoom('s'));
    const state = hear(initialState('s', null), {
      type: 'welcome',
      participant_id: 'me',
      permissions: MAY,
      snapshot,
      events: [],
    });
    expect(state.room).toEqual(snapshot);
    expect(events(state, log([arrived(ME)], 3)).room.participants.map((one) => one.info.name)).toEqual([HUB.name, ME.name]);
  });

  test('events seen already change nothing', () => {
    const state = welcomed(log([arrived(ME), said('me', 'một')]));
    expect(events(state, log([said('me', 'một')], 2)).room).toEqual(state.room);
  });

  test('a command is pending until it is acknowledged or refused', () => {
    const state = local(welcomed(), { kind: 'queued', key: 'k', action: { do: 'mark_patient', present: true } });
    expect(Object.keys(state.pending)).toEqual(['k']);
    expect(hear(state, { type: 'ack', key: 'k', seq: 1 }).pending).toEqual({});
    expect(hear(state, { type: 'refused', key: 'k', code: 'x', text: 'x', retry: false }).pending).toEqual({});
  });

  test('an acknowledged command stays pending until its event is here', () => {
    const asked = local(welcomed(), { kind: 'queued', key: 'k', action: { do: 'arrive' } });
    const acked = hear(asked, { type: 'ack', key: 'k', seq: 2 });
    expect(Object.keys(acked.pending)).toEqual(['k']);
    const here = events(acked, log([arrived(ME)], 2));
    expect([here.pending, here.acked]).toEqual([{}, {}]);
  });

  test('who is refused the waiting room is back at the device check', () => {
    const asked = local(local(welcomed(), { kind: 'ready' }), { kind: 'queued', key: 'k', action: { do: 'arrive' } });
    const refused = hear(asked, { type: 'refused', key: 'k', code: 'room.full', text: 'Phòng đã đủ người.', retry: false });
    expect(viewOf(refused)).toBe('check');
  });

  test('the clock difference is learned from events as they happen', () => {
    const state = hear(welcomed(), { type: 'events', events: log([arrived(ME)], 2) }, Date.parse(at(2)) + 90_000);
    expect(state.clockOffset).toBe(90_000);
  });

  test('quality is kept by participant', () => {
    const state = hear(welcomed(), { type: 'participant_quality', participant_id: 'hub', quality: 'weak' });
    expect(local(state, { kind: 'my_quality', quality: 'poor' }).quality).toEqual({ hub: 'weak', me: 'poor' });
  });
});

describe('chat', () => {
  const messages = (count: number, first = 0) => Array.from({ length: count }, (_, i) => said('hub', String(first + i)));

  test('a message that the room no longer holds is still shown, and counted', () => {
    let state = welcomed(log([arrived(ME), ...messages(CHAT_SHOWN)]));
    state = events(state, log(messages(2, CHAT_SHOWN), state.room.seq + 1));
    expect([state.room.chat.length, state.room.chat_before, firstShown(state)]).toEqual([CHAT_SHOWN, 2, 0]);
    expect(state.earlier.map((line) => line.text)).toEqual(['0', '1']);
    expect(unread(state)).toBe(CHAT_SHOWN + 2);
  });

  test('an older page goes before what is shown, once', () => {
    const shown = welcomed(log([arrived(ME)]));
    const long: RoomState = { ...shown, room: { ...shown.room, chat_before: 3 } };
    const line = (text: string) => ({ message_id: text, participant_id: 's', at: at(1), text, document: null });
    const page = { chat: [line('b'), line('c')], chat_before: 1 };
    let state = local(long, { kind: 'chat_page', page });
    expect([state.earlier, firstShown(state)]).toEqual([page.chat, 1]);
    expect(local(state, { kind: 'chat_page', page })).toBe(state);
    state = local(state, { kind: 'chat_page', page: { chat: [line('a')], chat_before: 0 } });
    expect([state.earlier.map(({ text }) => text), firstShown(state)]).toEqual([['a', 'b', 'c'], 0]);
  });

  test('what comes while the chat is closed is unread until it is opened', () => {
    let state = events(welcomed(log(inRoom(ME))), log([said('hub', 'một'), said('hub', 'hai')], 4));
    expect(unread(state)).toBe(2);
    state = local(state, { kind: 'drawer', drawer: 'chat' });
    expect(unread(state)).toBe(0);
    state = events(state, log([said('hub', 'ba')], 6));
    expect(unread(state)).toBe(0);
    state = events(local(state, { kind: 'drawer', drawer: 'case' }), log([said('hub', 'bốn')], 7));
    expect(unread(state)).toBe(1);
  });
});

test('myself is the participant the server named', () => {
  expect(myself(welcomed(log([arrived(HUB), arrived(ME)])))?.info).toEqual(ME);
  expect(myself(welcomed())).toBeUndefined();
});

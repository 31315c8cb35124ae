// Who gets keys, and what the screen says about them.
import { describe, expect, test } from 'vitest';

import { e } from '../../i18n/e2ee';
import type { RoomEventBody } from '../../protocol/messages.gen';
import { admitted, arrived, inRoom, left, log, person } from '../../test/room';
import { initialState, reduce, type Protection, type RoomState } from '../state';
import { noticesOf } from '../views/notices';
import { NO_ENCRYPTION } from './channel';
import { membersOf } from './members';

const ME = person('me', 'spoke');
const HUB = person('h', 'hub');
const NURSE = person('n', 'spoke');
const ACTIONS = { unblockSound: () => {}, keepSound: () => {}, open: () => {} };

function room(bodies: RoomEventBody[], protection: Protection = 'on'): RoomState {
  const welcomed = reduce(initialState('x', null, protection), {
    from: 'server',
    now: 0,
    message: {
      type: 'welcome',
      participant_id: 'me',
      permissions: { admit: false, mark_patient: false, remove: false, end_call: false },
      snapshot: null,
      events: log([{ kind: 'session_opened', encrypted: true }, ...bodies]),
    },
  });
  return reduce(welcomed, { from: 'local', event: { kind: 'ready' } });
}

describe('who gets keys', () => {
  test('those who were let in, also while their line is gone, and nobody else', () => {
    const bodies: RoomEventBody[] = [...inRoom(ME), ...inRoom(HUB), arrived(NURSE)];
    expect(membersOf(room(bodies))).toEqual({ me: 'me', inside: true, others: ['h'] });
    const away: RoomEventBody = { kind: 'participant_away', participant_id: 'h' };
    expect(membersOf(room([...bodies, away, admitted('n')])).others).toEqual(['h', 'n']);
    expect(membersOf(room([...bodies, left('h', 'removed')])).others).toEqual([]);
  });

  test('I give none while I wait, nor after I left', () => {
    expect(membersOf(room([arrived(ME), ...inRoom(HUB)])).inside).toBe(false);
    expect(membersOf(room([...inRoom(ME), left('me')])).inside).toBe(false);
    const leaving = reduce(room(inRoom(ME)), { from: 'local', event: { kind: 'leaving' } });
    expect(membersOf(leaving).inside).toBe(false);
  });
});

describe('what is said', () => {
  const texts = (state: RoomState): string[] => noticesOf(state, true, ACTIONS).map((notice) => notice.text);

  test('that the others cannot be read', () => {
    const before = room([...inRoom(ME), ...inRoom(HUB)]);
    const status = { ...NO_ENCRYPTION, unreadable: ['v0'], dropped: 90 };
    const state = reduce(before, { from: 'local', event: { kind: 'encryption', status } });
    expect(texts(before)).not.toContain(e.notice.unreadable);
    expect(texts(state)).toContain(e.notice.unreadable);
  });

  test('that this machine only writes, before and in the room', () => {
    expect(texts(room([arrived(ME)], 'barred'))).toContain(e.notice.barred);
    expect(texts(room(inRoom(ME), 'barred'))).toContain(e.notice.barred);
  });
});

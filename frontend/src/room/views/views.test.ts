// What the screens decide, without drawing them.
import { describe, expect, test } from 'vitest';

import { r } from '../../i18n/room';
import type { LoggedEvent, Permissions, RoomEventBody } from '../../protocol/messages.gen';
import { arrived, admitted, entered, inRoom, left, log, person, sends } from '../../test/room';
import { track } from '../../test/peer';
import { spoken } from '../effects';
import { emptyRoom, fold } from '../fold';
import type { Tracks } from '../media/peer';
import { initialState, reduce, type RoomState } from '../state';
import { waitingFor } from './board';
import { endingOf } from './ended';
import { noticesOf } from './notices';
import { featured, tilesOf } from './stage';

const SPOKE = person('s', 'spoke', 'Lô Văn Thái');
const HUB = person('h', 'hub', 'Nguyễn Thị Lan Anh');
const NURSE = person('n', 'spoke', 'Vi Thị Hoa');
const NONE: Tracks = { microphone: null, camera: null, screen: null };
const SENDING = { microphone: true, camera: true, screen: false, exam: false, auscultation: false };
const ALL: Permissions = { admit: true, mark_patient: true, remove: true, end_call: true };

function room(me: string, bodies: RoomEventBody[], permissions: Permissions = ALL): RoomState {
  const events: LoggedEvent[] = log(bodies);
  const welcomed = reduce(initialState('x', null), {
    from: 'server',
    now: 0,
    message: { type: 'welcome', participant_id: me, permissions, snapshot: null, events },
  });
  return reduce(welcomed, { from: 'local', event: { kind: 'ready' } });
}

describe('what is waited for', () => {
  test.each<[string, string, RoomEventBody[], string]>([
    ['my own arrival', 's', [], r.board.entering],
    ['the specialist', 's', [arrived(SPOKE)], r.board.waitHub],
    ['being admitted', 's', [arrived(SPOKE), ...inRoom(HUB)], r.board.waitAdmit('BS. Nguyễn Thị Lan Anh')],
    ['the requesting site', 'h', inRoom(HUB), r.board.waitSpoke],
    ['my admitting somebody', 'h', [...inRoom(HUB), arrived(SPOKE)], r.board.someoneWaits('BS. Lô Văn Thái')],
    ['somebody connecting', 'h', [...inRoom(HUB), arrived(SPOKE), admitted('s')], r.board.waitEnter('BS. Lô Văn Thái')],
  ])('%s', (_, me, bodies, title) => {
    expect(waitingFor(room(me, bodies), me === 's' ? 'spoke' : 'hub').title).toBe(title);
  });
});

describe('the stage', () => {
  const full = [...inRoom(HUB), ...inRoom(NURSE), ...inRoom(SPOKE), sends('s', true, true, true), arrived(person('w', 'hub'))];

  test('one tile a person in the room, one more for a shared screen, none for who waits', () => {
    expect(tilesOf(room('h', full), new Map(), NONE).map(([key]) => key)).toEqual(['h', 'n', 's', 's/screen']);
  });

  test("a machine's picture is a screen its participant does not share themselves", () => {
    const quiet = [...inRoom(HUB), ...inRoom(SPOKE)];
    const remote = new Map([['s', { screen: track('exam') }]]);
    expect(tilesOf(room('h', quiet), remote, NONE).map(([key]) => key)).toEqual(['h', 's', 's/screen']);
  });

  test('my own shared screen is not shown to me', () => {
    expect(tilesOf(room('s', full), new Map(), NONE).map(([key]) => key)).toEqual(['h', 'n', 's']);
  });

  test('who left is gone, who lost the line keeps the place', () => {
    const state = room('h', [...full, left('n'), { kind: 'participant_away', participant_id: 's' }]);
    expect(tilesOf(state, new Map(), NONE).map(([key]) => key)).toEqual(['h', 's', 's/screen']);
  });

  test('big is: what I pinned, a screen, the other side, anybody, me', () => {
    const big = (state: RoomState, side: 'hub' | 'spoke' = 'hub'): string | null =>
      featured(tilesOf(state, new Map(), NONE), side);
    const pin = (state: RoomState, participant: string): RoomState =>
      reduce(state, { from: 'local', event: { kind: 'pinned', participant } });
    const shared = room('h', full);
    expect(big(pin(shared, 'n'))).toBe('n');
    expect(big(shared)).toBe('s/screen');
    expect(big(room('s', [...inRoom(SPOKE), ...inRoom(NURSE), ...inRoom(HUB)]), 'spoke')).toBe('h');
    expect(big(room('s', [...inRoom(SPOKE), ...inRoom(NURSE)]), 'spoke')).toBe('n');
    expect(big(room('s', inRoom(SPOKE)), 'spoke')).toBe('s');
  });

  test('my tile follows my buttons before the log does', () => {
    const state = reduce(room('h', inRoom(HUB)), {
      from: 'local',
      event: { kind: 'sending', sending: SENDING },
    });
    expect(tilesOf(state, new Map(), NONE)[0]?.[1].participant).toMatchObject({ microphone: true, camera: true });
  });
});

describe('the end', () => {
  const ended = (reason: 'finished' | 'interrupted'): RoomState =>
    room('s', [...inRoom(SPOKE), { kind: 'session_ended', reason, by: null }]);

  test('says why and what comes next, by side', () => {
    expect(endingOf(ended('finished'), 'hub')).toMatchObject({ title: r.ended.finished, next: ['answer', 'worklist'] });
    expect(endingOf(ended('interrupted'), 'spoke')).toMatchObject({ title: r.ended.interrupted, next: ['case', 'worklist'] });
  });

  test.each([
    [4401, r.ended.signedOut, 'signIn'],
    [4403, r.ended.notAllowed, 'worklist'],
    [4404, r.ended.notAllowed, 'worklist'],
    [4409, r.ended.superseded, 'here'],
    [4410, r.ended.finished, 'case'],
    [1008, r.ended.broken, 'reload'],
  ])('close code %i', (code, title, next) => {
    const state = reduce(room('s', inRoom(SPOKE)), { from: 'local', event: { kind: 'line', line: 'closed', code } });
    const ending = endingOf(state, 'spoke');
    expect([ending.title, ending.next[0]]).toEqual([title, next]);
  });

  test('leaving by oneself is no fault, whatever the socket says', () => {
    const state = reduce(room('s', inRoom(SPOKE)), { from: 'local', event: { kind: 'leaving' } });
    expect(
      endingOf(reduce(state, { from: 'local', event: { kind: 'line', line: 'closed', code: 1000 } }), 'spoke'),
    ).toMatchObject({ title: r.ended.left, next: ['again', 'case'] });
  });
});

describe('notices', () => {
  const actions = { unblockSound: () => {}, keepSound: () => {}, open: () => {} };
  const keys = (state: RoomState): string[] => noticesOf(state, true, actions).map((one) => one.key);

  test('nothing to say when all is well', () => {
    const state = reduce(room('s', inRoom(SPOKE)), { from: 'local', event: { kind: 'media', status: 'connected' } });
    expect(keys(state)).toEqual([]);
  });

  test('at most two, blocked sound first', () => {
    let state = room('s', inRoom(SPOKE));
    for (const event of [
      { kind: 'sound_blocked', blocked: true },
      { kind: 'line', line: 'reconnecting' },
      { kind: 'media', status: 'rebuilding' },
    ] as const) {
      state = reduce(state, { from: 'local', event });
    }
    expect(keys(state)).toEqual(['sound', 'line']);
  });

  test('a very weak line offers to step down to sound', () => {
    let state = reduce(room('s', inRoom(SPOKE)), { from: 'local', event: { kind: 'media', status: 'connected' } });
    state = reduce(state, {
      from: 'local',
      event: { kind: 'sending', sending: SENDING },
    });
    expect(keys(reduce(state, { from: 'local', event: { kind: 'my_quality', quality: 'poor' } }))).toEqual(['poor']);
  });
});

describe('notices of thin lines', () => {
  const actions = { unblockSound: () => {}, keepSound: () => {}, open: () => {} };
  const figures = { down_bitrate: 0, up_bitrate: 0, down_loss: 1, up_loss: 1, rtt_ms: 0 };
  const silent = (state: RoomState): RoomState =>
    reduce(state, {
      from: 'server',
      now: 0,
      message: {
        type: 'media_line',
        participant_id: 's',
        down: 'writing',
        down_reason: 'silent',
        up: 'writing',
        up_reason: 'silent',
        figures,
      },
    });
  const live = (): RoomState =>
    reduce(room('s', inRoom(SPOKE)), { from: 'local', event: { kind: 'media', status: 'connected' } });

  test('keeping the sound is said as long as it lasts, with the way back', () => {
    const state = reduce(live(), { from: 'local', event: { kind: 'sound_only', on: true } });
    expect(noticesOf(state, true, actions).map((one) => [one.text, one.action?.label])).toEqual([
      [r.notice.soundOnly, r.notice.soundOnlyAction],
    ]);
  });

  test('when nothing comes through, writing and the telephone are offered', () => {
    const phone = { place: 'BV HNĐK Nghệ An', number: '0238 3844 129' };
    const texts = (one?: typeof phone): string[] => noticesOf(silent(live()), true, actions, one).map(({ text }) => text);
    expect(texts(phone)).toEqual([r.notice.writingPhone(phone.place, phone.number)]);
    expect(texts()).toEqual([r.notice.writing]);
  });

  test('who left and comes back is not judged by the line they had', () => {
    const gone = reduce(silent(live()), { from: 'server', now: 0, message: { type: 'events', events: log([left('s', 'lost')], 5) } });
    expect(gone.lines).toEqual({});
  });
});

describe('what is said aloud', () => {
  const step = (before: RoomEventBody[], after: RoomEventBody[], me = 's'): string[] => {
    const events = log([...before, ...after]);
    const old = events.slice(0, before.length).reduce(fold, emptyRoom('x'));
    return spoken(old, events.slice(before.length).reduce(fold, old), me).map((one) => one.text);
  };

  test('others coming and going, not myself', () => {
    expect(step([arrived(SPOKE)], [arrived(HUB), entered('s')])).toEqual([r.say.waiting('BS. Nguyễn Thị Lan Anh')]);
    expect(step([arrived(SPOKE), ...inRoom(HUB)], [left('h')])).toEqual([r.say.left('BS. Nguyễn Thị Lan Anh')]);
  });

  test('nothing on the first snapshot', () => {
    expect(step([], [arrived(HUB)])).toEqual([]);
  });
});

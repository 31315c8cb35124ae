import { describe, expect, test } from 'vitest';

import { r } from '../i18n/room';
import type { LineReason, LineRung, MediaLine } from '../protocol/messages.gen';
import { inRoom, log, person } from '../test/room';
import { Calm, moves, seenOf, stepOf } from './lines';
import { initialState, reduce, type RoomState } from './state';
import { sentenceOf } from './views/line-words';

const figures = { down_bitrate: 90_000, up_bitrate: 400_000, down_loss: 0.1, up_loss: 0, rtt_ms: 200 };
type Way = [LineRung, LineReason | null];

function line(who: string, down: Way, up: Way): MediaLine {
  return {
    type: 'media_line',
    participant_id: who,
    down: down[0],
    down_reason: down[1],
    up: up[0],
    up_reason: up[1],
    figures,
  };
}

const GOOD: Way = ['full', null];

function room(...lines: MediaLine[]): RoomState {
  const events = log([...inRoom(person('s', 'spoke', 'Lô Văn Thái')), ...inRoom(person('h', 'hub', 'Nguyễn Thị Lan Anh'))]);
  const permissions = { admit: false, mark_patient: false, remove: false, end_call: false };
  const first = reduce(initialState('x', null), {
    from: 'server',
    now: 0,
    message: { type: 'welcome', participant_id: 's', permissions, snapshot: null, events },
  });
  return lines.reduce((state, message) => reduce(state, { from: 'server', now: 0, message }), first);
}

const said = (state: RoomState, id: string): string | undefined => {
  const found = state.room.participants.find((one) => one.info.participant_id === id);
  return found && sentenceOf(state, found)?.text;
};

describe('what I see of somebody', () => {
  test('is the lower of their way up and my way down', () => {
    const thin = room(line('s', ['still', 'loss'], GOOD), line('h', GOOD, ['quarter', 'thin_line']));
    expect(seenOf(thin, 'h')).toEqual({ rung: 'still', reason: 'loss', whose: 'mine' });
    const far = room(line('s', ['quarter', 'loss'], GOOD), line('h', GOOD, ['sound', 'by_hand']));
    expect(seenOf(far, 'h')).toEqual({ rung: 'sound', reason: 'by_hand', whose: 'theirs' });
    expect(seenOf(room(), 'h')).toEqual({ rung: 'full', reason: null, whose: 'mine' });
  });

  test('in an encrypted room there are no stills, so their rung is sound', () => {
    const state = room(line('h', GOOD, ['still', 'loss']));
    expect(seenOf({ ...state, room: { ...state.room, encrypted: true } }, 'h').rung).toBe('sound');
  });

  test('is sound as soon as I press, before the relay says so', () => {
    const state = reduce(room(), { from: 'local', event: { kind: 'sound_only', on: true } });
    expect(seenOf(state, 'h')).toEqual({ rung: 'sound', reason: 'by_hand', whose: 'mine' });
    expect(said(state, 'h')).toBe(`${r.line.byHand(r.line.mine)}: ${r.line.what.sound}`);
  });
});

describe('what is said', () => {
  const LAN = 'BS. Nguyễn Thị Lan Anh';

  test('the same reason on both sides, from where one stands', () => {
    const state = room(line('h', GOOD, ['still', 'thin_line']), line('s', GOOD, ['sound', 'loss']));
    expect(said(state, 'h')).toBe(`${r.line.thin(LAN)}: ${r.line.what.still}`);
    expect(said(state, 's')).toBe(`${r.line.loss(r.line.mine)}: ${r.line.sent.sound}`);
  });

  test('that somebody hears me without seeing me', () => {
    expect(said(room(line('h', ['sound', 'loss'], GOOD)), 'h')).toBe(`${r.line.loss(LAN)}: ${r.line.gets.sound}`);
  });

  test('nothing of a good line, of half a picture, or of a camera that is off', () => {
    expect(said(room(), 'h')).toBeUndefined();
    expect(said(room(line('h', ['half', 'thin_line'], ['sound', 'camera_off'])), 'h')).toBeUndefined();
  });
});

test.each<[LineRung, LineReason | null, string]>([
  ['full', null, 'good'],
  ['half', 'thin_line', 'good'],
  ['quarter', 'thin_line', 'weak'],
  ['low_rate', 'loss', 'weak'],
  ['still', 'loss', 'poor'],
  ['sound', 'delay', 'poor'],
  ['writing', 'silent', 'poor'],
  ['sound', 'by_hand', 'good'],
  ['sound', 'camera_off', 'good'],
])('%s by %s is %s', (rung, reason, step) => {
  expect(stepOf({ rung, reason, whose: 'mine' })).toBe(step);
});

test('pictures move down to the low rate', () => {
  expect((['full', 'half', 'quarter', 'low_rate', 'still', 'sound', 'writing'] as const).filter(moves)).toEqual([
    'full',
    'half',
    'quarter',
    'low_rate',
  ]);
});

describe('saying it aloud', () => {
  const hear = (calm: Calm, now: number, text: string): string | undefined => calm.hear(new Map([['h', text]]), now)?.text;

  test('only what has stood for four seconds, and not again', () => {
    const calm = new Calm();
    expect([0, 3_999, 4_000, 60_000].map((now) => hear(calm, now, 'yếu'))).toEqual([undefined, undefined, 'yếu', undefined]);
  });

  test('a line that flaps is silent, and ends with one sentence that it is good', () => {
    const calm = new Calm();
    for (let now = 0; now <= 8_000; now += 1_000) hear(calm, now, 'yếu');
    const spoken = [];
    for (let now = 9_000; now < 60_000; now += 1_000) {
      const text = hear(calm, now, now < 30_000 && now % 2_000 ? 'yếu' : '');
      if (text !== undefined) spoken.push([now, text]);
    }
    expect(spoken).toEqual([[34_000, '']]);
  });
});

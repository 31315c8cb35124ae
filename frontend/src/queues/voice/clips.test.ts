import { describe, expect, test } from 'vitest';

import type { Call } from '../state';
import { clipsOf, codeClips, numberClips, sentenceOf, type Pack } from './clips';

const call = (more: Partial<Call> = {}): Call => ({
  code: 'A012',
  label: 'N*** T** L**',
  room: 'Phòng khám số 3',
  roomNumber: 3,
  kind: 'room',
  again: false,
  ...more,
});

const PACK: Pack = {
  language: 'vi',
  numbers: 'vi',
  call: ['gong', 'invite', '@code', '@room'],
  clips: Object.fromEntries(
    ['gong', 'invite', 'to-room', 'to-counter', 'see-board', 'letter-a', 'letter-u', 'letter-x', 'ten', 'tens', 'five-after-ten']
      .concat([...'0123456789'].map((digit) => `digit-${digit}`))
      .map((name) => [name, `${name}.mp3`]),
  ),
};

describe('a call as clips', () => {
  test('gong, invitation, letter, digits one by one, the room', () => {
    expect(clipsOf(call(), PACK)).toEqual([
      'gong.mp3',
      'invite.mp3',
      'letter-a.mp3',
      'digit-0.mp3',
      'digit-1.mp3',
      'digit-2.mp3',
      'to-room.mp3',
      'digit-3.mp3',
    ]);
  });

  test('a counter, a mark, a room number of two digits', () => {
    expect(clipsOf(call({ code: 'UX007', kind: 'counter', roomNumber: 15 }), PACK).slice(2)).toEqual([
      'letter-u.mp3',
      'letter-x.mp3',
      'digit-0.mp3',
      'digit-0.mp3',
      'digit-7.mp3',
      'to-counter.mp3',
      'ten.mp3',
      'five-after-ten.mp3',
    ]);
  });

  test('a room without a number sends people to the board', () => {
    expect(clipsOf(call({ roomNumber: null, room: 'Phòng siêu âm' }), PACK).at(-1)).toBe('see-board.mp3');
  });

  test('what a pack has not is left out', () => {
    expect(clipsOf(call(), { ...PACK, clips: { gong: 'g.mp3', 'digit-3': '3.ogg' } })).toEqual(['g.mp3', '3.ogg']);
  });

  test('another language may say its numbers digit by digit, in another order', () => {
    const pack: Pack = { ...PACK, numbers: 'digits', call: ['@room', '@code'] };
    expect(clipsOf(call({ code: 'A1', roomNumber: 21 }), pack)).toEqual([
      'to-room.mp3',
      'digit-2.mp3',
      'digit-1.mp3',
      'letter-a.mp3',
      'digit-1.mp3',
    ]);
  });
});

test('numbers as Vietnamese says them', () => {
  const said = (n: number): string => numberClips(n, 'vi').join(' ');
  expect([3, 10, 11, 14, 15, 20, 21, 24, 25, 37, 101].map(said)).toEqual([
    'digit-3',
    'ten',
    'ten digit-1',
    'ten digit-4',
    'ten five-after-ten',
    'digit-2 tens',
    'digit-2 tens one-after-ten',
    'digit-2 tens four-after-ten',
    'digit-2 tens five-after-ten',
    'digit-3 tens digit-7',
    'digit-1 digit-0 digit-1',
  ]);
});

test('a code is spelt', () => {
  expect(codeClips('CX1024')).toEqual(['letter-c', 'letter-x', 'digit-1', 'digit-0', 'digit-2', 'digit-4']);
});

test('the browser’s voice gets a sentence', () => {
  expect(sentenceOf(call())).toBe('Mời số A, không một hai, vào phòng khám số ba.');
  expect(sentenceOf(call({ code: 'UX115', room: 'Quầy 21', roomNumber: 21, kind: 'counter' }))).toBe(
    'Mời số u ích, một một năm, vào quầy hai mươi mốt.',
  );
  expect(sentenceOf(call({ room: 'Phòng siêu âm', roomNumber: null }))).toBe('Mời số A, không một hai, vào phòng siêu âm.');
});

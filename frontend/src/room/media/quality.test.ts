import { describe, expect, test } from 'vitest';

import { grade, Judge, sample, type Sample } from './quality';

const calm: Sample = {
  at: 0,
  bytesReceived: 0,
  packetsReceived: 0,
  packetsLost: 0,
  lostUp: null,
  roundTrip: 0.04,
  jitter: 0.005,
  framesPerSecond: 24,
  available: null,
  levels: {},
};
const later = (change: Partial<Sample>): Sample => ({ ...calm, at: 2_000, packetsReceived: 1_000, ...change });

describe('grade', () => {
  test.each<[string, Partial<Sample>]>([
    ['good', {}],
    ['good', { packetsLost: 20 }],
    ['weak', { packetsLost: 50 }],
    ['poor', { packetsLost: 150 }],
    ['weak', { lostUp: 0.05 }],
    ['poor', { lostUp: 0.2 }],
    ['weak', { roundTrip: 0.5 }],
    ['poor', { roundTrip: 1 }],
    ['weak', { jitter: 0.08 }],
    ['poor', { jitter: 0.2 }],
    ['weak', { framesPerSecond: 3 }],
    ['good', { framesPerSecond: 0 }],
    ['good', { framesPerSecond: null, roundTrip: null }],
  ])('%s at %o', (quality, change) => {
    expect(grade(calm, later(change))).toBe(quality);
  });

  test('only what was lost since the last look counts', () => {
    expect(grade(later({ packetsLost: 500 }), later({ at: 4_000, packetsReceived: 2_000, packetsLost: 500 }))).toBe('good');
  });

  test('counters that start anew do not count as loss', () => {
    expect(grade(later({ packetsLost: 500 }), { ...calm, packetsReceived: 10 })).toBe('good');
  });
});

test('the mark warns after two bad stretches and praises after four good ones', () => {
  const judge = new Judge();
  expect(
    ['poor', 'poor', 'good', 'good', 'good', 'good', 'weak', 'good', 'weak', 'weak'].map((one) => judge.hear(one as 'good')),
  ).toEqual([null, 'poor', null, null, null, 'good', null, null, null, 'weak']);
});

test('a report is added up over the lines in use', () => {
  expect(
    sample(
      [
        { type: 'candidate-pair', nominated: true, bytesReceived: 5_000, currentRoundTripTime: 0.2 },
        { type: 'candidate-pair', nominated: false, state: 'failed', bytesReceived: 1 },
        { type: 'inbound-rtp', kind: 'audio', mid: 'a0', packetsReceived: 100, packetsLost: 5, jitter: 0.02, audioLevel: 0.3 },
        { type: 'inbound-rtp', kind: 'audio', mid: 'a1', packetsReceived: 0, packetsLost: 0, jitter: 9 },
        { type: 'inbound-rtp', kind: 'video', mid: 'v0', packetsReceived: 200, packetsLost: -2, framesPerSecond: 12 },
        { type: 'remote-inbound-rtp', kind: 'audio', fractionLost: 0.1 },
      ],
      7,
    ),
  ).toEqual({
    at: 7,
    available: null,
    bytesReceived: 5_000,
    packetsReceived: 300,
    packetsLost: 5,
    lostUp: 0.1,
    roundTrip: 0.2,
    jitter: 0.02,
    framesPerSecond: 12,
    levels: { a0: 0.3 },
  });
});

import { beforeEach, expect, test } from 'vitest';

import { FakePeerConnection } from '../../test/peer';
import { Monitor } from './monitor';
import { Peer } from './peer';
import type { Sample } from './quality';

const base: Sample = {
  at: 0,
  bytesReceived: 0,
  packetsReceived: 0,
  packetsLost: 0,
  lostUp: null,
  roundTrip: null,
  jitter: 0,
  framesPerSecond: null,
  available: null,
  levels: {},
};
let expected: boolean;
let silences: number[];
let hushes: number[];
let speaking: string[];
let uplinks: [number, number][];
let peer: Peer;
let monitor: Monitor;
let at: number;

beforeEach(() => {
  expected = true;
  silences = [];
  hushes = [];
  speaking = [];
  uplinks = [];
  peer = new Peer('c1', new FakePeerConnection(), () => {});
  peer.slots = [{ slot: 'a0', participant: 'p', source: 'microphone' }];
  monitor = new Monitor({
    peer: () => peer,
    expected: () => expected,
    silent: () => silences.push(at),
    hushed: () => hushes.push(at),
    speaking: (who) => speaking.push(who.join()),
    quality: () => {},
    uplink: (bitrate) => uplinks.push([at, bitrate]),
  });
});

function look(...bytes: number[]): void {
  bytes.forEach((bytesReceived, i) => {
    at = i * 1_000;
    monitor.look(peer, { ...base, at, bytesReceived });
  });
}

test('two flat seconds are silence', () => {
  look(100, 200, 200, 200, 200);
  expect(silences).toEqual([3_000, 4_000]);
});

const looked = (came: readonly number[]): void =>
  came.forEach((bytesReceived, i) => {
    at = i * 200;
    monitor.look(peer, { ...base, at, bytesReceived });
  });

test('a moment without anything in a steady flow is told once', () => {
  looked([1, 2, 3, 4, 5, 6, 7, 7, 7, 7, 7]);
  expect([hushes, monitor.quiet]).toEqual([[1_400], true]);
  looked([7, 8]);
  expect(monitor.quiet).toBe(false);
});

test('where little comes, now and then, nothing is missed at once', () => {
  looked([1, 1, 2, 2, 3, 3, 3, 4, 4, 4, 5, 5, 5]);
  expect(hushes).toEqual([]);
});

test('where nothing is expected, nothing is missed', () => {
  expected = false;
  look(100, 100, 100, 100, 100);
  expect(silences).toEqual([]);
});

test('a new connection starts counting anew', () => {
  look(100, 100);
  peer = new Peer('c2', new FakePeerConnection(), () => {});
  look(100, 100);
  expect(silences).toEqual([]);
});

test('who is loud enough is speaking, said once', () => {
  for (const level of [0, 0.2, 0.3, 0.001]) monitor.look(peer, { ...base, levels: { a0: level, a1: 0.9 } });
  expect(speaking).toEqual(['p', '']);
});

test('what the browser believes it can send is told every other second, once it has found out', () => {
  for (let second = 0; second < 13; second += 1) {
    at = second * 1_000;
    monitor.look(peer, { ...base, at, bytesReceived: second, available: second < 12 ? 100_000 * second : null });
  }
  expect(uplinks).toEqual([
    [8_000, 800_000],
    [10_000, 1_000_000],
  ]);
});

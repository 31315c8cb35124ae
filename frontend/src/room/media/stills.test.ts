import { beforeEach, describe, expect, test, vi } from 'vitest';

import type { StillReady } from '../../protocol/messages.gen';
import { track } from '../../test/peer';
import { EVERY_MS, fitted, StillSender, StillViewer, type Still } from './stills';

test.each([
  [1280, 720, 640, 360],
  [1920, 1080, 640, 360],
  [640, 480, 640, 480],
  [720, 1280, 270, 480],
  [320, 240, 320, 240],
])('a camera of %i×%i is sent as %i×%i', (width, height, w, h) => {
  expect(fitted(width, height)).toEqual({ width: w, height: h });
});

describe('sending', () => {
  let camera: MediaStreamTrack | null;
  let put: Blob[];
  let rests: number;
  let release: (() => void) | null;
  let sender: StillSender;

  beforeEach(() => {
    camera = track('cam');
    put = [];
    rests = 0;
    release = null;
    sender = new StillSender({
      camera: () => camera,
      take: async () => new Blob(['jpeg']),
      put: (picture) => {
        put.push(picture);
        return release === null ? Promise.resolve() : new Promise((resolve) => (release = resolve));
      },
      rest: () => (rests += 1),
    });
  });

  const pass = async (from: number, to: number): Promise<void> => {
    for (let now = from; now < to; now += 250) {
      sender.tick(now);
      for (let i = 0; i < 5; i += 1) await Promise.resolve();
    }
  };

  test('one every four seconds while wanted, and the camera is let go afterwards', async () => {
    await pass(0, 3 * EVERY_MS);
    expect(put.length).toBe(3);
    camera = null;
    await pass(3 * EVERY_MS, 6 * EVERY_MS);
    expect([put.length, rests]).toEqual([3, 1]);
  });

  test('on a line that takes longer than that, the next waits for the one before', async () => {
    release = () => {};
    await pass(0, 20_000);
    expect(put.length).toBe(1);
    release();
    release = null;
    await pass(20_000, 21_000);
    expect(put.length).toBe(2);
  });
});

describe('looking', () => {
  const asked: [string, number | null][] = [];
  const shown: [string, Still | null][] = [];
  let viewer: StillViewer;
  const ready = (seq: number, participant_id = 'p'): StillReady => ({
    type: 'still_ready',
    participant_id,
    seq,
    taken_at: `2026-11-24T07:00:${seq}Z`,
  });

  beforeEach(() => {
    asked.length = shown.length = 0;
    let urls = 0;
    vi.stubGlobal('URL', { createObjectURL: () => `blob:${(urls += 1)}`, revokeObjectURL: vi.fn() });
    viewer = new StillViewer({
      get: async (participant, seq) => {
        asked.push([participant, seq]);
        return new Blob(['jpeg']);
      },
      show: (participant, still) => shown.push([participant, still]),
    });
    return () => vi.unstubAllGlobals();
  });

  const settle = async (): Promise<void> => {
    for (let i = 0; i < 10; i += 1) await Promise.resolve();
  };

  test('nothing is fetched of somebody whose pictures move', async () => {
    viewer.ready(ready(10));
    await settle();
    expect(asked).toEqual([]);
    viewer.look(new Set(['p']));
    await settle();
    expect(asked).toEqual([['p', null]]);
  });

  test('each new one is fetched once and shown with its time; the last is forgotten when pictures move again', async () => {
    viewer.look(new Set(['p']));
    for (const seq of [10, 14]) {
      viewer.ready(ready(seq));
      viewer.ready(ready(seq));
      await settle();
    }
    viewer.look(new Set());
    expect(asked).toEqual([
      ['p', null],
      ['p', 10],
    ]);
    expect(shown).toEqual([
      ['p', { url: 'blob:1', takenAt: '2026-11-24T07:00:10Z' }],
      ['p', { url: 'blob:2', takenAt: '2026-11-24T07:00:14Z' }],
      ['p', null],
    ]);
  });
});

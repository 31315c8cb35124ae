import { expect, test } from 'vitest';

import { heightsBySlot, neededHeight } from './heights';
import { sendingOf } from './line-panel';

test.each([
  [1280, 720, 1, 720],
  [1280, 300, 1, 720], // low and wide: the picture covers the box, so its width decides
  [200, 400, 2, 800],
  [9000, 9000, 3, 4320],
])('a box of %i×%i at %i pixels each needs a picture of %i lines', (width, height, ratio, needed) => {
  expect(neededHeight(width, height, ratio)).toBe(needed);
});

test('every picture line is told, hidden and unknown ones as nothing, sound not at all', () => {
  const slots = [
    { slot: 'a0', participant: 'p', source: 'microphone' },
    { slot: 'v0', participant: 'p', source: 'camera' },
    { slot: 'v1', participant: 'q', source: 'camera' },
    { slot: 'v5', participant: 'p', source: 'screen' },
  ] as const;
  const tiles = new Map([
    ['p', 180],
    ['p/screen', 720],
  ]);
  expect(heightsBySlot(slots, tiles)).toEqual([
    { slot: 'v0', height: 180 },
    { slot: 'v1', height: 0 },
    { slot: 'v5', height: 720 },
  ]);
});

test('the panel tells layers, codecs and the way they go', () => {
  expect(
    sendingOf([
      { id: 'L', type: 'local-candidate', candidateType: 'relay', protocol: 'udp', relayProtocol: 'tls' },
      { id: 'P', type: 'candidate-pair', nominated: true, state: 'succeeded', localCandidateId: 'L' },
      { id: 'C', type: 'codec', mimeType: 'video/VP8' },
      { id: 'A', type: 'codec', mimeType: 'audio/red' },
      { type: 'outbound-rtp', kind: 'video', rid: 'q', active: true, frameWidth: 320, frameHeight: 180, framesPerSecond: 24, codecId: 'C' },
      { type: 'outbound-rtp', kind: 'video', rid: 'h', active: false, frameWidth: 640, frameHeight: 360, codecId: 'C' },
      { type: 'outbound-rtp', kind: 'audio', codecId: 'A' },
    ]),
  ).toEqual({ layers: ['q 320×180 24/s'], codecs: ['VP8', 'red'], path: 'relay tls' });
});

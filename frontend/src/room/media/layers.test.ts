import { expect, test } from 'vitest';

import { layersFor, setEncodings } from './layers';

const camera = (): RTCRtpEncodingParameters[] => ['q', 'h', 'f'].map((rid) => ({ rid }));

test.each([
  [1080, ['q/4', 'h/2', 'f/1']],
  [720, ['q/4', 'h/2', 'f/1']],
  [480, ['q/2', 'h/1']],
  [360, ['q/2', 'h/1']],
  [240, ['q/1']],
])('a camera of %i lines is sent as %j', (height, expected) => {
  expect(layersFor(height).map(({ rid, scale }) => `${rid}/${scale}`)).toEqual(expected);
});

test('every layer has its size and ceiling, and all are on until somebody says what is wanted', () => {
  const encodings = camera();
  setEncodings(encodings, { height: 720, wanted: null, silenced: false });
  expect(encodings).toEqual([
    { rid: 'q', active: true, scaleResolutionDownBy: 4, maxBitrate: 150_000 },
    { rid: 'h', active: true, scaleResolutionDownBy: 2, maxBitrate: 500_000 },
    { rid: 'f', active: true, scaleResolutionDownBy: 1, maxBitrate: 1_200_000 },
  ]);
});

test('only what is wanted is sent, never a layer the camera is too small for', () => {
  const on = (height: number, wanted: string[]): string[] => {
    const encodings = camera();
    setEncodings(encodings, { height, wanted, silenced: false });
    return encodings.filter((one) => one.active).map((one) => String(one.rid));
  };
  expect(on(720, ['q', 'h'])).toEqual(['q', 'h']);
  expect(on(720, [])).toEqual([]);
  expect(on(360, ['q', 'h', 'f'])).toEqual(['q', 'h']);
});

test('who keeps the sound sends no picture, with layers or without', () => {
  const layered = camera();
  const single: RTCRtpEncodingParameters[] = [{}];
  for (const encodings of [layered, single]) setEncodings(encodings, { height: 720, wanted: ['f'], silenced: true });
  expect([...layered, ...single].map((one) => one.active)).toEqual([false, false, false, false]);
});

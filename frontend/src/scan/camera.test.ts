// @vitest-environment happy-dom
import { afterEach, expect, test, vi } from 'vitest';

import { scanEn } from '../i18n/scan.en';
import { scanVi } from '../i18n/scan.vi';
import { causeOf, CodeCamera, type CameraState } from './camera';

afterEach(() => vi.unstubAllGlobals());

test.each([
  ['NotAllowedError', 'denied'],
  ['SecurityError', 'denied'],
  ['NotFoundError', 'none'],
  ['OverconstrainedError', 'none'],
  ['NotReadableError', 'busy'],
  ['AbortError', 'busy'],
  ['TypeError', 'broken'],
])('a refusal by %s is %s', (name, state) => {
  expect(causeOf(new DOMException('no', name))).toBe(state);
});

test('every state has a sentence in both languages', () => {
  expect(Object.keys(scanEn.camera)).toEqual(Object.keys(scanVi.camera));
});

async function statesOf(devices: unknown): Promise<CameraState[]> {
  vi.stubGlobal('navigator', { mediaDevices: devices });
  const states: CameraState[] = [];
  const camera = new CodeCamera(document.createElement('video'), (state) => states.push(state), () => undefined);
  await camera.start();
  camera.stop();
  return states;
}

test('a page without TLS says so', async () => {
  expect(await statesOf(undefined)).toEqual(['insecure']);
});

test('a refused permission says so', async () => {
  const devices = { getUserMedia: () => Promise.reject(new DOMException('no', 'NotAllowedError')) };
  expect(await statesOf(devices)).toEqual(['asking', 'denied']);
});

test('a camera that comes after the dialog was closed is let go at once', async () => {
  const stop = vi.fn();
  let give: (stream: unknown) => void = () => undefined;
  vi.stubGlobal('navigator', { mediaDevices: { getUserMedia: () => new Promise((resolve) => (give = resolve)) } });
  const camera = new CodeCamera(document.createElement('video'), () => undefined, () => undefined);
  const started = camera.start();
  camera.stop();
  give({ getTracks: () => [{ stop }] });
  await started;
  expect(stop).toHaveBeenCalledOnce();
});

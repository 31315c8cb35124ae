// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { firstPicture } from './first-picture';

let seen: boolean;

const video = (html: string): HTMLElement => {
  document.body.innerHTML = html;
  return document.querySelector('video') as HTMLElement;
};
const tile = (participant: string): HTMLElement =>
  video(`<article class="tile" data-participant="${participant}"><video></video></article>`);
const loaded = async (element: HTMLElement): Promise<boolean> => {
  element.dispatchEvent(new Event('loadeddata')); // does not bubble
  await Promise.resolve();
  return seen;
};

beforeEach(() => {
  vi.useFakeTimers();
  seen = false;
  void firstPicture(document, () => 'me', 700).then(() => (seen = true));
});
afterEach(() => vi.useRealTimers());

test('ends with the first picture of somebody else', async () => {
  expect(await loaded(tile('other'))).toBe(true);
});

test('one’s own picture, on the stage or at the device check, is not it', async () => {
  expect(await loaded(tile('me'))).toBe(false);
  expect(await loaded(video('<div class="preview"><video></video></div>'))).toBe(false);
});

test('does not wait for ever', async () => {
  await vi.advanceTimersByTimeAsync(699);
  expect(seen).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(seen).toBe(true);
});

import { describe, expect, test } from 'vitest';

import { concat, fromBase64url, toBase64url } from './bytes';
import { clearBytes, ivOf, MAX_COUNTER, open, OVERHEAD_BYTES, readLabel, seal, type FrameKind } from './frame';
import { advance, frameKeyOf, MAX_STEPS_AHEAD, ratchet, SendingKey, type Chain } from './schedule';

const random = (length: number): Uint8Array<ArrayBuffer> => crypto.getRandomValues(new Uint8Array(length));
const chain = (step = 0): Chain => ({ number: 1, keyId: 0xdeadbeef, step, secret: random(32) });
const label = { keyId: 0xdeadbeef, step: 7, counter: MAX_COUNTER };

/** A frame of VP8 (its first bit 0 for a key frame) or Opus. */
function frame(kind: FrameKind, length: number, isKey = false): Uint8Array<ArrayBuffer> {
  const bytes = random(length);
  if (length > 0 && kind === 'video') bytes[0] = ((bytes[0] as number) & 0xfe) | (isKey ? 0 : 1);
  return bytes;
}

describe('what the relay reads', () => {
  test.each<[FrameKind, boolean, number, number]>([
    ['audio', false, 80, 1],
    ['video', true, 5000, 10],
    ['video', false, 900, 3],
    ['video', true, 6, 6],
    ['audio', false, 0, 0],
  ])('%s, key frame %s, %d bytes: %d', (kind, isKey, length, clear) => {
    const plain = frame(kind, length, isKey);
    expect(clearBytes(kind, plain[0], plain.length)).toBe(clear);
  });

  test('stays readable, and everything else does not', async () => {
    const key = await frameKeyOf(chain());
    const plain = new Uint8Array(4000); // as compressible as can be
    const sealed = await seal('video', plain, key, label);
    expect(sealed.length).toBe(plain.length + OVERHEAD_BYTES);
    expect(sealed.slice(0, 10)).toEqual(plain.slice(0, 10));
    const rest = sealed.slice(10, -9);
    const counts = new Array<number>(256).fill(0);
    rest.forEach((byte) => (counts[byte] as number)++);
    expect(Math.max(...counts)).toBeLessThan(50); // about 16 of each
  });
});

describe('a sealed frame', () => {
  test.each<[FrameKind, number, boolean]>([
    ['audio', 0, false],
    ['audio', 1, false],
    ['audio', 3, false],
    ['audio', 160, false],
    ['video', 2, false],
    ['video', 9, true],
    ['video', 10, true],
    ['video', 20_000, true],
    ['video', 1200, false],
  ])('of %s, %d bytes, key frame %s comes back whole', async (kind, length, isKey) => {
    const key = await frameKeyOf(chain());
    const plain = frame(kind, length, isKey);
    const sealed = await seal(kind, plain, key, label);
    expect(readLabel(sealed)).toEqual(label);
    expect(await open(kind, sealed, key, label)).toEqual(plain);
  });

  test('with any byte changed is not opened', async () => {
    const key = await frameKeyOf(chain());
    const sealed = await seal('video', frame('video', 60, true), key, label);
    for (let at = 0; at < sealed.length; at++) {
      const forged = sealed.slice();
      forged[at] = (forged[at] as number) ^ 0x10;
      const read = readLabel(forged);
      await expect(open('video', forged, key, read ?? label)).rejects.toThrow();
    }
  });

  test('cut off anywhere is not opened', async () => {
    const key = await frameKeyOf(chain());
    const sealed = await seal('audio', frame('audio', 5), key, label);
    for (let length = 0; length < sealed.length; length++) {
      const cut = sealed.slice(0, length);
      const read = readLabel(cut);
      expect(read === null || (await open('audio', cut, key, read).catch(() => null)) === null).toBe(true);
    }
  });
});

describe('numbers', () => {
  test('differ for every counter: the IV is the salt with the counter in it', () => {
    const salt = random(12);
    const ivs = [0, 1, 255, 256, 65_536, 0x8000_0000, MAX_COUNTER].map((counter) => toBase64url(ivOf(salt, counter)));
    expect(new Set(ivs).size).toBe(ivs.length);
    expect(ivOf(salt, 0)).toEqual(salt);
    expect(ivOf(new Uint8Array(12), 0x01020304)).toEqual(concat(new Uint8Array(8), Uint8Array.of(1, 2, 3, 4)));
  });

  test('are never given twice, however many frames are on their way at once', async () => {
    const sending = await SendingKey.of(chain());
    const kinds: FrameKind[] = ['audio', 'video', 'video', 'video'];
    const sealed = await Promise.all(Array.from({ length: 2000 }, (_, i) => sending.seal(kinds[i % 4] as FrameKind, random(30))));
    const counters = sealed.map((one) => readLabel(one)?.counter);
    expect(counters).toEqual(Array.from({ length: 2000 }, (_, i) => i));
  });
});

describe('the ratchet', () => {
  test('opens forward only', async () => {
    const first = chain();
    const second = await ratchet(first);
    const third = await ratchet(second);
    expect(await advance(first, 2)).toEqual(third);
    await expect(advance(second, 0)).rejects.toThrow(RangeError);
    await expect(advance(first, MAX_STEPS_AHEAD + 1)).rejects.toThrow(RangeError);
  });

  test('gives every step another key and another salt', async () => {
    const salts: string[] = [];
    let at = chain();
    for (let step = 0; step < 20; step++) {
      salts.push(toBase64url((await frameKeyOf(at)).salt));
      at = await ratchet(at);
    }
    expect(new Set(salts).size).toBe(20);
    const [before, after] = [await frameKeyOf(chain()), await frameKeyOf(await ratchet(chain()))];
    const sealed = await seal('audio', random(40), before, label);
    await expect(open('audio', sealed, after, label)).rejects.toThrow();
  });
});

test('base64url comes back for every byte', () => {
  const all = Uint8Array.from({ length: 256 }, (_, i) => i);
  expect(fromBase64url(toBase64url(all))).toEqual(all);
  expect(toBase64url(all)).toMatch(/^[A-Za-z0-9_-]+$/);
});

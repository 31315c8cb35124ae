/**
 * One encrypted frame, as it stands in RTP. Pure but for WebCrypto.
 *
 *     clear | AES-256-GCM of the rest | tag 16 | key id 4 | step 1 | counter 4
 *
 * `clear` is what the relay must read: the Opus header byte, or of VP8 the ten bytes with which a key frame begins, three of
 * any other (RFC 6386 §9.1). It is authenticated, and so is the label behind the tag. The IV of 96 bits is the key's salt with
 * the counter in its last 32 bits; every key counts by itself and no number is used twice.
 */

import { concat, readUint32, uint32, type Bytes } from './bytes';

export type FrameKind = 'audio' | 'video';

/** What encrypts the frames of one key at one step of its ratchet. */
export interface FrameKey {
  readonly key: CryptoKey;
  /** 12 bytes. */
  readonly salt: Bytes;
}

/** Under which key a frame is encrypted, and its number under it. */
export interface Label {
  readonly keyId: number;
  readonly step: number;
  readonly counter: number;
}

export const TAG_BYTES = 16;
export const LABEL_BYTES = 9;
export const OVERHEAD_BYTES = TAG_BYTES + LABEL_BYTES;
export const MAX_COUNTER = 0xffff_ffff;
const CLEAR_AUDIO = 1;
const CLEAR_KEY = 10;
const CLEAR_DELTA = 3;

/** How many of a frame's `length` plain bytes stay readable. Taken from the frame's own first bit (0: VP8 key frame). */
export function clearBytes(kind: FrameKind, first: number | undefined, length: number): number {
  const wanted = kind === 'audio' ? CLEAR_AUDIO : first !== undefined && (first & 1) === 0 ? CLEAR_KEY : CLEAR_DELTA;
  return Math.min(wanted, length);
}

/** The label of an encrypted frame; null when it is too short to be one. */
export function readLabel(frame: Uint8Array): Label | null {
  const at = frame.length - LABEL_BYTES;
  if (at < TAG_BYTES) return null;
  return { keyId: readUint32(frame, at), step: frame[at + 4] as number, counter: readUint32(frame, at + 5) };
}

/** The IV of a frame: 12 bytes. */
export function ivOf(salt: Uint8Array, counter: number): Bytes {
  const iv = new Uint8Array(salt);
  uint32(counter).forEach((byte, i) => (iv[8 + i] = (iv[8 + i] as number) ^ byte));
  return iv;
}

export async function seal(kind: FrameKind, plain: Uint8Array, { key, salt }: FrameKey, label: Label): Promise<Bytes> {
  const clear = clearBytes(kind, plain[0], plain.length);
  const end = concat(uint32(label.keyId), Uint8Array.of(label.step), uint32(label.counter));
  const head = plain.subarray(0, clear);
  const secret = await crypto.subtle.encrypt(
    { name: 'AES-GCM', iv: ivOf(salt, label.counter), additionalData: concat(head, end) },
    key,
    concat(plain.subarray(clear)),
  );
  return concat(head, new Uint8Array(secret), end);
}

/** @throws OperationError when the frame is not what its sender sealed with this key. */
export async function open(kind: FrameKind, frame: Uint8Array, { key, salt }: FrameKey, label: Label): Promise<Bytes> {
  const body = frame.length - LABEL_BYTES;
  const clear = clearBytes(kind, frame[0], body - TAG_BYTES);
  const head = frame.subarray(0, clear);
  const plain = await crypto.subtle.decrypt(
    { name: 'AES-GCM', iv: ivOf(salt, label.counter), additionalData: concat(head, frame.subarray(body)) },
    key,
    concat(frame.subarray(clear, body)),
  );
  return concat(head, new Uint8Array(plain));
}

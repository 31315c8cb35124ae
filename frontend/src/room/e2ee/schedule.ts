/**
 * The keys of one sender: a new chain when somebody left, the next step of the chain when somebody came. Pure but for WebCrypto.
 *
 *     secret(step + 1) = HKDF(secret(step), "ratchet")        one way: who gets a step cannot go back
 *     frame key, salt  = HKDF(secret(step), "frame key" / "frame salt")
 */

import { utf8, type Bytes } from './bytes';
import { MAX_COUNTER, seal, type FrameKey, type FrameKind } from './frame';

/** A sender's secret at one step. */
export interface Chain {
  /** Of the sender's chains, from 1; a higher one is newer. */
  readonly number: number;
  /** Random, so that the chains of all senders are told apart by it. */
  readonly keyId: number;
  readonly step: number;
  readonly secret: Bytes;
}

export const SECRET_BYTES = 32;
/** A step is one byte in a frame; long before, the sender begins a new chain instead. */
export const MAX_STEP = 200;
/** A forged label must not make us work. */
export const MAX_STEPS_AHEAD = 64;

async function expand(secret: Bytes, purpose: string, bytes: number): Promise<Bytes> {
  const base = await crypto.subtle.importKey('raw', secret, 'HKDF', false, ['deriveBits']);
  const info = utf8(`telehealth e2ee 1 ${purpose}`);
  const bits = await crypto.subtle.deriveBits({ name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info }, base, bytes * 8);
  return new Uint8Array(bits);
}

export async function ratchet(chain: Chain): Promise<Chain> {
  return { ...chain, step: chain.step + 1, secret: await expand(chain.secret, 'ratchet', SECRET_BYTES) };
}

/**
 * The chain at a later step, or as it is.
 *
 * @throws RangeError when the step is behind, or so far ahead that no honest sender is there.
 */
export async function advance(chain: Chain, step: number): Promise<Chain> {
  if (step < chain.step || step > chain.step + MAX_STEPS_AHEAD) throw new RangeError(`step ${step} from ${chain.step}`);
  let there = chain;
  while (there.step < step) there = await ratchet(there);
  return there;
}

export async function frameKeyOf({ secret }: Chain): Promise<FrameKey> {
  const raw = await expand(secret, 'frame key', 32);
  const key = await crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt']);
  return { key, salt: await expand(secret, 'frame salt', 12) };
}

/** A chain and the count of frames sealed at its step. */
export class SendingKey {
  private counter = 0;

  private constructor(
    readonly chain: Chain,
    private readonly frameKey: FrameKey,
  ) {}

  static async of(chain: Chain): Promise<SendingKey> {
    return new SendingKey(chain, await frameKeyOf(chain));
  }

  /** Whether nothing has been sealed with it yet. */
  get unused(): boolean {
    return this.counter === 0;
  }

  /** @throws RangeError when its numbers are used up (after 290 days); a number is never used twice. */
  async seal(kind: FrameKind, plain: Uint8Array): Promise<Bytes> {
    if (this.counter > MAX_COUNTER) throw new RangeError('counter is used up');
    const { keyId, step } = this.chain;
    // Counted before anything waits: two frames on their way at once have two numbers.
    return seal(kind, plain, this.frameKey, { keyId, step, counter: this.counter++ });
  }
}

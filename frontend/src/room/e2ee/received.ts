/** The keys that others have given us. Pure but for WebCrypto. */

import type { FrameKey, Label } from './frame';
import { advance, frameKeyOf, type Chain } from './schedule';

/** The newest and the one before it: frames on their way when a sender changes keys are still read. */
export const KEPT_CHAINS = 2;
/** Steps of a chain whose keys are kept ready. */
const KEPT_STEPS = 4;

interface Held {
  chain: Chain;
  readonly keys: Map<number, Promise<FrameKey>>;
}

export class ReceivedKeys {
  private readonly bySender = new Map<string, Held[]>();

  /** Take a sender's chain; false when it is older than what is kept, or no news. */
  add(sender: string, chain: Chain): boolean {
    const held = this.bySender.get(sender) ?? [];
    const same = held.find((one) => one.chain.number === chain.number);
    if (same && (same.chain.keyId !== chain.keyId || same.chain.step <= chain.step)) return false;
    if (same) same.chain = chain; // told late, of an earlier step: more frames can be read
    else held.push({ chain, keys: new Map() });
    held.sort((a, b) => b.chain.number - a.chain.number);
    this.bySender.set(sender, held.slice(0, KEPT_CHAINS));
    return held.indexOf(same ?? (held.find((one) => one.chain === chain) as Held)) < KEPT_CHAINS;
  }

  has(sender: string): boolean {
    return this.bySender.has(sender);
  }

  forget(sender: string): void {
    this.bySender.delete(sender);
  }

  /** The key of a frame; null when nobody gave it to us. */
  async find({ keyId, step }: Label): Promise<FrameKey | null> {
    const held = this.holding(keyId);
    if (!held) return null;
    const known = held.keys.get(step);
    if (known) return known;
    try {
      return await frameKeyOf(await advance(held.chain, step));
    } catch {
      return null;
    }
  }

  /** A frame with this label was opened with this key: it is genuine, so the chain has got there. */
  async confirm({ keyId, step }: Label, key: FrameKey): Promise<void> {
    const held = this.holding(keyId);
    if (!held || held.keys.has(step)) return;
    held.keys.set(step, Promise.resolve(key));
    for (const old of [...held.keys.keys()].sort((a, b) => a - b).slice(0, -KEPT_STEPS)) held.keys.delete(old);
    if (step > held.chain.step) {
      const ahead = await advance(held.chain, step);
      if (ahead.step > held.chain.step) held.chain = ahead;
    }
  }

  private holding(keyId: number): Held | undefined {
    for (const held of this.bySender.values()) {
      const found = held.find((one) => one.chain.keyId === keyId);
      if (found) return found;
    }
    return undefined;
  }
}

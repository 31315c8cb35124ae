/**
 * One person's keys in one encrypted room: who gets mine, whose I have, when mine change.
 *
 * - Who comes in announces a public key. Everybody inside answers with their chain, wrapped for it, after one step of the ratchet:
 *   the newcomer cannot read what was sent before.
 * - When somebody has left, everybody makes a new chain at once and wraps it for those who remain.
 * - What gets lost on the way is asked for again, by announcing again.
 *
 * Nothing is given to anybody who is not inside as the room's log tells it. Things happen one after the other, in the order they
 * were told; a frame sealed meanwhile waits for the key that is being made.
 */

import { readUint32, type Bytes } from './bytes';
import type { FrameKey, FrameKind, Label } from './frame';
import { ReceivedKeys } from './received';
import { safetyCode } from './safety';
import { MAX_STEP, ratchet, SECRET_BYTES, SendingKey, type Chain } from './schedule';
import { createIdentity, IV_BYTES, unwrap, wrap, type Identity } from './wrapping';
import type { AnnounceKey, KeyAnnounced, KeyWrapped, WrapKey } from '../../protocol/messages.gen';

export interface KeyringPort {
  send(message: AnnounceKey | WrapKey): void;
  random(bytes: number): Bytes;
  changed(status: KeyStatus): void;
}

export interface KeyStatus {
  /** Six groups of five digits over me and everybody whose key is known; empty while nobody else's is. */
  readonly code: readonly string[];
  /** Those inside whose chain I do not have. */
  readonly missing: readonly string[];
  /** Which of my chains is in use, and at which step: no secret, it stands in every frame. */
  readonly sending: { readonly number: number; readonly step: number };
}

/** Who is inside, as the log tells it. `inside`: whether I am. */
export interface Members {
  readonly me: string;
  readonly inside: boolean;
  readonly others: readonly string[];
}

const ASK_MS = 3_000;
const ASK_RARELY_MS = 30_000;

export class Keyring {
  private members: Members = { me: '', inside: false, others: [] };
  /** Public keys as announced, also of people the log has not told us of yet. */
  private readonly announced = new Map<string, string>();
  /** For which public key each member has my chain. */
  private readonly given = new Map<string, string>();
  /** Wrapped chains of people the log has not told us of yet. */
  private readonly early = new Map<string, KeyWrapped>();
  private readonly received = new ReceivedKeys();
  private sending: Promise<SendingKey>;
  private at = { number: 1, step: 0 };
  private jobs: Promise<void> = Promise.resolve();
  private askedAt = -Infinity;
  private patience = ASK_MS;
  private readonly waiting = new Set<() => void>();
  private coding: Promise<void> = Promise.resolve();
  private code: readonly string[] = [];
  /** The others' public keys that `code` was made of. */
  private coded = '';

  private constructor(
    private readonly room: string,
    private readonly mine: Identity,
    private readonly port: KeyringPort,
  ) {
    this.sending = SendingKey.of(this.freshChain(1));
  }

  static async create(room: string, port: KeyringPort): Promise<Keyring> {
    return new Keyring(room, await createIdentity(), port);
  }

  get publicKey(): string {
    return this.mine.publicKey;
  }

  /** Resolves when everything told so far has been done. */
  async settled(): Promise<void> {
    await this.jobs;
    await this.coding;
  }

  async seal(kind: FrameKind, plain: Uint8Array): Promise<Bytes> {
    return (await this.sending).seal(kind, plain);
  }

  find(label: Label): Promise<FrameKey | null> {
    return this.received.find(label);
  }

  confirm(label: Label, key: FrameKey): Promise<void> {
    return this.received.confirm(label, key);
  }

  /** Resolves when another chain has come in. */
  nextChain(): Promise<void> {
    return new Promise((resolve) => this.waiting.add(resolve));
  }

  /** The log has changed who is inside. */
  follow(members: Members): Promise<void> {
    return this.run(() => this.followed(members));
  }

  heard(message: KeyAnnounced | KeyWrapped): Promise<void> {
    return this.run(() => (message.type === 'e2ee_key' ? this.keyHeard(message) : this.wrappedHeard(message)));
  }

  /** The line is new: whatever was under way on the old one may be lost. */
  reconnected(): Promise<void> {
    return this.run(async () => this.announce());
  }

  /** Ask again for what is missing, or, when `unreadable`, for what we cannot read. `now` in ms. */
  tick(now: number, unreadable: boolean): Promise<void> {
    return this.run(async () => {
      const missing = this.missing().length > 0;
      if (!missing && !unreadable) {
        this.patience = ASK_MS;
        this.askedAt = -Infinity;
      } else if (this.askedAt === -Infinity) this.askedAt = now; // what was just announced is being answered
      else if (now - this.askedAt >= this.patience) {
        // Somebody without encryption will never answer.
        this.patience = unreadable ? ASK_MS : Math.min(this.patience * 2, ASK_RARELY_MS);
        this.askedAt = now;
        this.announce();
      }
    });
  }

  private run(job: () => Promise<void>): Promise<void> {
    this.jobs = this.jobs.then(job);
    return this.jobs;
  }

  private async followed(members: Members): Promise<void> {
    const before = this.members;
    this.members = members;
    const gone = before.others.filter((who) => !members.others.includes(who));
    for (const who of gone) {
      this.received.forget(who);
      this.announced.delete(who);
    }
    if (gone.map((who) => this.given.delete(who)).some(Boolean)) await this.rotate();
    if (members.inside && !before.inside) {
      this.given.clear(); // to them I was gone
      this.askedAt = -Infinity;
      this.announce();
    }
    for (const who of members.others) {
      if (before.inside && before.others.includes(who)) continue;
      if (this.announced.has(who)) await this.give(who);
      const early = this.early.get(who);
      this.early.delete(who);
      if (early) await this.wrappedHeard(early);
    }
    this.tell();
  }

  private async keyHeard({ participant_id: who, public_key }: KeyAnnounced): Promise<void> {
    this.learn(who, public_key);
    if (!this.isInside(who)) return;
    await this.give(who);
    this.tell();
  }

  private async wrappedHeard(message: KeyWrapped): Promise<void> {
    const { participant_id: who, public_key, wrapped } = message;
    if (!this.isInside(who)) {
      this.early.set(who, message);
      return;
    }
    let chain: Chain;
    try {
      const passage = { room: this.room, from: who, to: this.members.me };
      chain = await unwrap(this.mine, public_key, passage, wrapped);
    } catch {
      return; // for an earlier page of mine, or forged
    }
    this.learn(who, public_key);
    if (this.received.add(who, chain)) {
      for (const resolve of this.waiting) resolve();
      this.waiting.clear();
    }
    if (this.given.get(who) !== public_key) await this.give(who);
    this.tell();
  }

  /** Somebody with another key than before has opened the room anew: what their old page gave is void. */
  private learn(who: string, publicKey: string): void {
    if (who === this.members.me) return;
    if (this.announced.get(who) !== publicKey) this.received.forget(who);
    this.announced.set(who, publicKey);
  }

  private async give(who: string): Promise<void> {
    const publicKey = this.announced.get(who);
    if (publicKey === undefined || !this.members.inside) return;
    if (this.given.get(who) !== publicKey) await this.stepForward();
    await this.wrapFor(who, publicKey);
  }

  /** What was sealed until now stays closed to who comes now. */
  private async stepForward(): Promise<void> {
    const { chain, unused } = await this.sending;
    if (unused) return;
    if (chain.step >= MAX_STEP) return this.rotate();
    this.at = { number: chain.number, step: chain.step + 1 };
    this.sending = ratchet(chain).then((next) => SendingKey.of(next));
    await this.sending;
  }

  /** What is sealed from now on is closed to who has left. */
  private async rotate(): Promise<void> {
    const { number } = (await this.sending).chain;
    this.at = { number: number + 1, step: 0 };
    this.sending = SendingKey.of(this.freshChain(number + 1));
    for (const [who] of this.given) {
      const publicKey = this.announced.get(who);
      if (publicKey !== undefined && this.members.inside) await this.wrapFor(who, publicKey);
    }
  }

  private async wrapFor(who: string, publicKey: string): Promise<void> {
    const { chain } = await this.sending;
    const passage = { room: this.room, from: this.members.me, to: who };
    let wrapped: string;
    try {
      wrapped = await wrap(this.mine, publicKey, passage, chain, this.port.random(IV_BYTES));
    } catch {
      return; // what they announced is no key
    }
    this.given.set(who, publicKey);
    this.port.send({ type: 'e2ee_wrapped', to: who, public_key: this.mine.publicKey, wrapped });
  }

  private announce(): void {
    if (this.members.inside) this.port.send({ type: 'e2ee_key', public_key: this.mine.publicKey });
  }

  private freshChain(number: number): Chain {
    return { number, keyId: readUint32(this.port.random(4), 0), step: 0, secret: this.port.random(SECRET_BYTES) };
  }

  private isInside(who: string): boolean {
    return this.members.inside && this.members.others.includes(who);
  }

  private missing(): string[] {
    return this.members.inside ? this.members.others.filter((who) => !this.received.has(who)) : [];
  }

  private status(): KeyStatus {
    return { code: this.code, missing: this.missing(), sending: this.at };
  }

  private tell(): void {
    const keys = this.members.inside ? this.members.others.flatMap((who) => this.announced.get(who) ?? []) : [];
    if (keys.join() !== this.coded) {
      this.code = [];
      this.coded = keys.join();
      // It takes a moment on a slow machine: no key waits for it.
      if (keys.length > 0) this.coding = this.makeCode(keys);
    }
    this.port.changed(this.status());
  }

  private async makeCode(keys: readonly string[]): Promise<void> {
    // What is no base64url has no code, and is no key either.
    const code = await safetyCode(this.room, [this.mine.publicKey, ...keys]).catch(() => []);
    if (this.coded !== keys.join()) return;
    this.code = code;
    this.port.changed(this.status());
  }
}

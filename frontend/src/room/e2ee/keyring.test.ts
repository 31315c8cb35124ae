// A room of keyrings, and a server that passes on, loses, doubles and reorders what they say.
import { beforeEach, describe, expect, test } from 'vitest';

import type { AnnounceKey, KeyAnnounced, KeyWrapped, WrapKey } from '../../protocol/messages.gen';
import { open, readLabel } from './frame';
import { Keyring, type KeyStatus } from './keyring';

const ROOM = 'room';
const PLAIN = Uint8Array.of(0xf8, 1, 2, 3, 4, 5);

interface Sent {
  readonly from: string;
  readonly to: string | null;
  readonly message: KeyAnnounced | KeyWrapped;
}

let people: Map<string, Person>;
let wire: Sent[];

class Person {
  status: KeyStatus = { code: [], missing: [], sending: { number: 0, step: 0 } };
  private constructor(
    readonly name: string,
    readonly ring: Keyring,
  ) {}

  static async sit(name: string): Promise<Person> {
    const send = (said: AnnounceKey | WrapKey): void => {
      const message: KeyAnnounced | KeyWrapped =
        said.type === 'e2ee_key'
          ? { ...said, participant_id: name }
          : { type: said.type, participant_id: name, public_key: said.public_key, wrapped: said.wrapped };
      wire.push({ from: name, to: said.type === 'e2ee_wrapped' ? said.to : null, message });
    };
    let person: Person | null = null;
    const ring = await Keyring.create(ROOM, {
      send,
      random: (bytes) => crypto.getRandomValues(new Uint8Array(bytes)),
      changed: (status) => person && (person.status = status),
    });
    return (person = new Person(name, ring));
  }

  seal(): Promise<Uint8Array<ArrayBuffer>> {
    return this.ring.seal('audio', PLAIN);
  }

  async reads(sealed: Uint8Array): Promise<boolean> {
    const label = readLabel(sealed);
    const key = label && (await this.ring.find(label));
    if (!label || !key) return false;
    try {
      await open('audio', sealed, key, label);
      await this.ring.confirm(label, key);
      return true;
    } catch {
      return false;
    }
  }
}

/** Tell everybody who is inside now; who is not knows so too. */
async function inside(...names: string[]): Promise<void> {
  await Promise.all(
    [...people.values()].map((one) =>
      one.ring.follow({
        me: one.name,
        inside: names.includes(one.name),
        others: names.filter((name) => name !== one.name),
      }),
    ),
  );
}

async function pass(sent: Sent): Promise<void> {
  const to = [...people.values()].filter((one) => one.name !== sent.from && (sent.to === null || sent.to === one.name));
  await Promise.all(to.map((one) => one.ring.heard(sent.message)));
}

/** Deliver everything, and everything that is said because of it; `order` picks the next one. */
async function deliver(order: (length: number) => number = () => 0): Promise<void> {
  for (let turns = 0; wire.length > 0; turns++) {
    if (turns > 500) throw new Error('they never stop talking');
    const [next] = wire.splice(order(wire.length), 1);
    if (next) await pass(next);
  }
  await Promise.all([...people.values()].map((one) => one.ring.settled()));
}

async function person(name: string): Promise<Person> {
  const one = await Person.sit(name);
  people.set(name, one);
  return one;
}

async function everybodyReads(...group: Person[]): Promise<boolean> {
  for (const sender of group) {
    const sealed = await sender.seal();
    for (const one of group) if (one !== sender && !(await one.reads(sealed))) return false;
  }
  return true;
}

beforeEach(() => {
  people = new Map();
  wire = [];
});

async function trio(): Promise<[Person, Person, Person]> {
  const three: [Person, Person, Person] = [await person('a'), await person('b'), await person('c')];
  await inside('a', 'b', 'c');
  await deliver();
  return three;
}

describe('people inside', () => {
  test('read each other, and see the same code', async () => {
    const [a, b, c] = await trio();
    expect(await everybodyReads(a, b, c)).toBe(true);
    expect(a.status.code).toHaveLength(6);
    expect(a.status.code.every((group) => /^\d{5}$/.test(group))).toBe(true);
    expect([b.status.code, c.status.code]).toEqual([a.status.code, a.status.code]);
    expect(a.status.missing).toEqual([]);
  });

  test('give nothing to who waits outside', async () => {
    const [a, b] = [await person('a'), await person('b')];
    await inside('a');
    await a.ring.heard({ type: 'e2ee_key', participant_id: 'b', public_key: b.ring.publicKey });
    await deliver();
    expect(await b.reads(await a.seal())).toBe(false);
    await inside('a', 'b');
    await deliver();
    expect(await everybodyReads(a, b)).toBe(true);
  });

  test('a key that was said before the log told of its owner is answered when it does', async () => {
    const [a, b] = [await person('a'), await person('b')];
    await b.ring.follow({ me: 'b', inside: true, others: ['a'] });
    await deliver();
    await a.ring.follow({ me: 'a', inside: true, others: ['b'] });
    await deliver();
    expect(await everybodyReads(a, b)).toBe(true);
  });
});

describe('somebody comes', () => {
  test('and reads from now on, not what was before', async () => {
    const [a, b] = [await person('a'), await person('b')];
    await inside('a', 'b');
    await deliver();
    const before = await a.seal();
    expect(await b.reads(before)).toBe(true);
    const c = await person('c');
    await inside('a', 'b', 'c');
    await deliver();
    expect(await everybodyReads(a, b, c)).toBe(true);
    expect(await c.reads(before)).toBe(false);
    expect(readLabel(await a.seal())?.step).toBe(1);
    expect(readLabel(await a.seal())?.keyId).toBe(readLabel(before)?.keyId);
  });

  test('who opens the page anew gets the keys again, and the code changes', async () => {
    const [a, , c] = await trio();
    const code = a.status.code;
    await a.seal();
    const again = await person('b');
    await again.ring.follow({ me: 'b', inside: true, others: ['a', 'c'] });
    await deliver();
    expect(await everybodyReads(a, again, c)).toBe(true);
    expect(a.status.code).not.toEqual(code);
    expect(again.status.code).toEqual(a.status.code);
  });
});

describe('somebody leaves', () => {
  test('and reads nothing more, while the others go on under new keys', async () => {
    const [a, b, c] = await trio();
    const before = await a.seal();
    await inside('a', 'b');
    const atOnce = await a.seal();
    expect(readLabel(atOnce)?.keyId).not.toBe(readLabel(before)?.keyId);
    expect(await c.reads(atOnce)).toBe(false);
    await deliver();
    expect(await everybodyReads(a, b)).toBe(true);
    for (const sender of [a, b]) expect(await c.reads(await sender.seal())).toBe(false);
    expect(await b.reads(before)).toBe(true); // was on its way
    expect(a.status.code).toEqual(b.status.code);
    expect(a.status.sending).toEqual({ number: 2, step: 0 });
  });

  test('the key before the last is still read, the one before that is not', async () => {
    const [a, b] = await trio();
    const frames = [await a.seal()];
    for (let round = 0; round < 2; round++) {
      await inside('a', 'b');
      await deliver();
      frames.push(await a.seal());
      await inside('a', 'b', 'c');
      await deliver();
    }
    expect(await Promise.all(frames.map((one) => b.reads(one)))).toEqual([false, true, true]);
  });

  test('who comes back with the same page is inside again', async () => {
    const [a, b, c] = await trio();
    await inside('a', 'b');
    await deliver();
    await inside('a', 'b', 'c');
    await deliver();
    expect(await everybodyReads(a, b, c)).toBe(true);
  });
});

describe('what the server can do to messages', () => {
  test('any order ends with everybody reading everybody', async () => {
    let seed = 7;
    const dice = (length: number): number => (seed = (seed * 1103515245 + 12345) & 0x7fffffff) % length;
    for (let round = 0; round < 12; round++) {
      people = new Map();
      wire = [];
      const [a, b, c] = [await person('a'), await person('b'), await person('c')];
      await inside('a', 'b');
      if (round % 2) await deliver(dice);
      await a.seal();
      await inside('a', 'b', 'c');
      if (round % 3) await deliver(dice);
      await inside('b', 'c');
      await deliver(dice);
      expect(await everybodyReads(b, c)).toBe(true);
      expect(await a.reads(await b.seal())).toBe(false);
      expect(b.status.code).toEqual(c.status.code);
    }
  }, 20_000);

  test('an old chain played again does not come back', async () => {
    const [a, b] = [await person('a'), await person('b')];
    await inside('a', 'b');
    const first = wire.slice();
    await deliver();
    const kept = await Promise.all(first.map(async (one) => one)); // as the server recorded it
    await person('c');
    await inside('a', 'b', 'c');
    await deliver();
    await inside('a', 'b');
    await deliver();
    for (const sent of kept) await pass(sent);
    await deliver();
    expect(await everybodyReads(a, b)).toBe(true);
  });

  test('a lost answer is asked for after three seconds, and ever more rarely from somebody who never answers', async () => {
    const [a, b] = [await person('a'), await person('b')];
    await inside('a', 'b');
    wire = []; // all lost
    expect(a.status.missing).toEqual(['b']);
    const asked: number[] = [];
    for (let now = 0; now <= 40_000; now += 500) {
      await a.ring.tick(now, false);
      if (wire.length > 0) asked.push(now);
      wire = [];
    }
    expect(asked).toEqual([3000, 9000, 21_000]);
    await a.ring.tick(50_000, false);
    await deliver();
    expect(await everybodyReads(a, b)).toBe(true);
    expect(a.status.missing).toEqual([]);
  });

  test('a swapped public key is seen in the code', async () => {
    const [a, b, server] = [await person('a'), await person('b'), await Person.sit('b')];
    await inside('a', 'b');
    const swapped = wire.map((one) =>
      one.from === 'b' ? { ...one, message: { ...one.message, public_key: server.ring.publicKey } } : one,
    );
    wire = [];
    for (const one of swapped) await pass(one);
    await Promise.all([a.ring.settled(), b.ring.settled()]);
    expect(a.status.code).not.toEqual(b.status.code);
  });

  test('garbage for a key or a chain changes nothing', async () => {
    const [a, b] = [await person('a'), await person('b')];
    await inside('a', 'b');
    await deliver();
    await a.ring.heard({ type: 'e2ee_wrapped', participant_id: 'b', public_key: b.ring.publicKey, wrapped: 'AAAA' });
    await a.ring.heard({ type: 'e2ee_wrapped', participant_id: 'b', public_key: 'AAAA', wrapped: 'AAAA' });
    await a.ring.heard({ type: 'e2ee_key', participant_id: 'a', public_key: 'AAAA' });
    expect(await everybodyReads(a, b)).toBe(true);
  });

  test('what was wrapped for one is of no use to another', async () => {
    const [a, b, c] = await trio();
    await inside('a', 'b');
    const forB = wire.find((one) => one.from === 'a' && one.to === 'b');
    await c.ring.follow({ me: 'c', inside: true, others: ['a', 'b'] });
    if (forB) await c.ring.heard(forB.message);
    expect(forB).toBeDefined();
    expect(await c.reads(await a.seal())).toBe(false);
    await deliver();
    expect(await everybodyReads(a, b)).toBe(true);
  });
});

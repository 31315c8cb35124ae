import { beforeEach, expect, test } from 'vitest';

import { DEBOUNCE_MS, Saver, type Draft, type SaveResult, type SaveState } from './saver';

let text: string;
let kept: Draft | null;
let sent: Draft[];
let states: SaveState[];
let answers: ((result: SaveResult) => void)[];
let timers: { ms: number; run: () => void; off: boolean }[];
let saver: Saver;

const type = (next: string): void => {
  text = next;
  saver.changed();
};
const fire = (): void => {
  const due = timers.filter((timer) => !timer.off);
  timers = [];
  due.forEach((timer) => timer.run());
};
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const answer = async (result: SaveResult): Promise<void> => {
  answers.shift()?.(result);
  await settle();
};
const last = (): SaveState | undefined => states.at(-1);
const waiting = (): number[] => timers.filter((timer) => !timer.off).map((timer) => timer.ms);
const SAVED = { kind: 'saved', version: 2, savedAt: '2026-11-24T14:03:00+07:00' } as const;

beforeEach(() => {
  text = '';
  kept = null;
  sent = [];
  states = [];
  answers = [];
  timers = [];
  saver = new Saver(
    {
      read: () => [['history', text]],
      send: (draft) => {
        sent.push(draft);
        return new Promise((resolve) => answers.push(resolve));
      },
      keep: (draft) => (kept = draft),
      show: (state) => states.push(state),
      after: (ms, run) => {
        const timer = { ms, run, off: false };
        timers.push(timer);
        return () => (timer.off = true);
      },
      random: () => 0.5,
    },
    1,
  );
});

test('typing is kept here at once and sent when it pauses', async () => {
  type('đau');
  type('đau ngực');
  expect(kept).toEqual({ version: 1, fields: [['history', 'đau ngực']] });
  expect([sent.length, waiting()]).toEqual([0, [DEBOUNCE_MS]]);
  fire();
  expect(sent).toEqual([{ version: 1, fields: [['history', 'đau ngực']] }]);
  await answer(SAVED);
  expect([kept, last(), saver.version, saver.pending]).toEqual([null, { kind: 'saved', at: SAVED.savedAt }, 2, false]);
});

test('typed while a save is under way: kept under the new version and saved next', async () => {
  type('một');
  fire();
  type('một hai');
  await answer(SAVED);
  expect(kept).toEqual({ version: 2, fields: [['history', 'một hai']] });
  expect(saver.pending).toBe(true);
  fire();
  expect(sent.at(-1)).toEqual({ version: 2, fields: [['history', 'một hai']] });
});

test('without a network the draft stays here and is tried again, later and later', async () => {
  type('một');
  const waits: number[] = [];
  for (let i = 0; i < 7; i += 1) {
    fire();
    await answer({ kind: 'unreachable' });
    waits.push(...waiting());
  }
  expect(last()).toEqual({ kind: 'offline' });
  expect(kept).toEqual({ version: 1, fields: [['history', 'một']] });
  expect(waits).toEqual([1_500, 2_500, 4_500, 8_500, 15_500, 15_500, 15_500]);
  saver.retryNow();
  await answer(SAVED);
  expect(kept).toBeNull();
});

test('signed out is said, and nothing is lost', async () => {
  type('một');
  fire();
  await answer({ kind: 'signed_out' });
  expect([last(), kept?.fields]).toEqual([{ kind: 'signed_out' }, [['history', 'một']]]);
});

test('a refused text waits for the next key stroke', async () => {
  type('x');
  fire();
  await answer({ kind: 'refused', text: 'Mạch phải là số.' });
  expect([last(), waiting(), kept !== null]).toEqual([{ kind: 'refused', text: 'Mạch phải là số.' }, [], true]);
  type('xy');
  expect(waiting()).toEqual([DEBOUNCE_MS]);
});

const CONFLICT = { kind: 'conflict', version: 5, text: 'Đã sửa ở nơi khác.', values: { history: 'bản kia' } } as const;

test('a conflict stops saving until the person has chosen', async () => {
  type('một');
  fire();
  await answer(CONFLICT);
  expect(last()).toEqual(CONFLICT);
  type('một hai');
  expect([waiting(), kept?.fields]).toEqual([[], [['history', 'một hai']]]);
  await saver.flush();
  expect(sent).toHaveLength(1);
});

test('keeping mine saves it over theirs', async () => {
  type('một');
  fire();
  await answer(CONFLICT);
  saver.resolve(5, true);
  await settle();
  expect(sent.at(-1)).toEqual({ version: 5, fields: [['history', 'một']] });
});

test('taking theirs forgets mine', async () => {
  type('một');
  fire();
  await answer(CONFLICT);
  saver.resolve(5, false);
  expect([kept, saver.version, saver.pending, last()]).toEqual([null, 5, false, { kind: 'idle' }]);
});

test('flush waits for the save under way and sends what came after it', async () => {
  type('một');
  fire();
  type('hai');
  const flushed = saver.flush();
  await answer(SAVED);
  await answer({ ...SAVED, version: 3 });
  await flushed;
  expect([sent.map((draft) => draft.version), saver.version, saver.pending]).toEqual([[1, 2], 3, false]);
});

import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import type { LoggedEvent, RoomSnapshot } from '../protocol/messages.gen';
import { emptyRoom, fold } from './fold';

// The same file is folded by Python in tests/signaling/test_fold_fixture.py: both sides keep one promise.
const fixture = JSON.parse(readFileSync(new URL('./fold.fixture.json', import.meta.url), 'utf8')) as {
  events: LoggedEvent[];
  rooms: RoomSnapshot[];
};

test('after every event the room is what the server says it is', () => {
  let room = emptyRoom(fixture.rooms[0]?.session_id ?? '');
  const folded = fixture.events.map((event) => (room = fold(room, event)));
  expect(folded).toEqual(fixture.rooms);
});

test('folding never changes the room before', () => {
  const before = emptyRoom('s');
  const kept = structuredClone(before);
  for (const event of fixture.events) fold(before, event);
  expect(before).toEqual(kept);
});

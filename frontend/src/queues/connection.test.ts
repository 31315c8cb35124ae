import { beforeEach, expect, test } from 'vitest';

import type { ClientMessage, LoggedQueueEvent, QueueWelcome, ServerMessage, TicketInfo } from '../protocol/queues.gen';
import { HEARTBEAT_MS, PATIENCE_MS, QueueConnection, SILENCE_MS, type Socket } from './connection';
import { after, callsIn, inRoom } from './state';

class FakeSocket implements Socket {
  readyState = 1;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  sent: ClientMessage[] = [];
  send(text: string): void {
    this.sent.push(JSON.parse(text) as ClientMessage);
  }
  close(): void {}
  say(message: ServerMessage): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
}

let now: number;
let keys: number;
let sockets: FakeSocket[];
let delivered: ServerMessage[];
let lines: string[];
let connection: QueueConnection;
const socket = (): FakeSocket => sockets[sockets.length - 1] as FakeSocket;

const ticket = (code: string, more: Partial<TicketInfo> = {}): TicketInfo => ({
  ticket_id: code,
  code,
  series: 'A',
  label: '',
  service_id: 's',
  room_id: null,
  state: 'waiting',
  taken_at: '2026-11-24T00:00:00Z',
  called_at: null,
  calls: 0,
  skips: 0,
  from_online: false,
  ...more,
});
const event = (seq: number, one: TicketInfo, kind: LoggedQueueEvent['kind'] = 'taken'): LoggedQueueEvent => ({
  seq,
  at: '2026-11-24T00:00:00Z',
  kind,
  ticket: one,
});
const welcome = (seq: number, more: Partial<QueueWelcome> = {}): QueueWelcome => ({
  type: 'welcome',
  audience: 'display',
  day: '2026-11-24',
  seq,
  now: '2026-11-24T00:00:00Z',
  area: {
    area_id: 'a',
    name: 'Khu khám',
    place: '',
    facility: '',
    emergency_place: '',
    voices: ['vi'],
    services: [],
    rooms: [{ room_id: 'r3', name: 'Phòng 3', number: 3, kind: 'room', services: ['s'] }],
  },
  permissions: { call: false, take: false },
  elsewhere: [],
  snapshot: null,
  events: [],
  ...more,
});

function pass(milliseconds: number): void {
  for (let t = 0; t < milliseconds; t += 250) {
    now += 250;
    connection.tick();
  }
}

beforeEach(() => {
  now = 1_000;
  keys = 0;
  sockets = [];
  delivered = [];
  lines = [];
  connection = new QueueConnection({
    open: () => {
      sockets.push(new FakeSocket());
      return socket();
    },
    now: () => now,
    random: () => 0.5,
    newKey: () => `key-${(keys += 1)}`,
    deliver: (message) => delivered.push(message),
    line: (line) => lines.push(line),
  });
  connection.start();
  socket().onopen?.();
});

test('it says hello, and again from where it was after the line broke', () => {
  socket().say(welcome(7));
  socket().onclose?.({ code: 1006 });
  pass(1_000);
  socket().onopen?.();
  expect(sockets.map(({ sent }) => sent[0])).toEqual([
    { type: 'hello', protocol: 1, last_seq: null, day: '' },
    { type: 'hello', protocol: 1, last_seq: 7, day: '2026-11-24' },
  ]);
  expect(lines).toEqual(['open', 'lost']);
});

test('events come once and in order; a gap is asked for', () => {
  socket().say(welcome(1));
  socket().say({ type: 'events', events: [event(1, ticket('A001')), event(2, ticket('A002'))] });
  socket().say({ type: 'events', events: [event(4, ticket('A004'))] });
  expect(delivered.filter(({ type }) => type === 'events')).toEqual([{ type: 'events', events: [event(2, ticket('A002'))] }]);
  expect(socket().sent[1]).toEqual({ type: 'hello', protocol: 1, last_seq: 2, day: '2026-11-24' });
});

test('an action is sent again under its key until it is answered', () => {
  const key = connection.act({ do: 'undo', room_id: 'r3' });
  socket().say(welcome(0));
  socket().onclose?.({ code: 1012 });
  pass(1_000);
  socket().onopen?.();
  socket().say(welcome(0));
  const asked = { type: 'do', key, action: { do: 'undo', room_id: 'r3' } };
  expect(sockets.map(({ sent }) => sent.filter(({ type }) => type === 'do'))).toEqual([[asked], [asked]]);
  socket().say({ type: 'done', key, seq: 1, issued: null });
  pass(PATIENCE_MS);
  expect(delivered.filter(({ type }) => type === 'done' || type === 'refused')).toEqual([{ type: 'done', key, seq: 1, issued: null }]);
});

test('what is refused for now is tried again, and given up in the end', () => {
  socket().say(welcome(0));
  const key = connection.act({ do: 'undo', room_id: 'r3' });
  socket().say({ type: 'refused', key, code: 'unavailable', text: '…', retry: true });
  pass(1_000);
  expect(socket().sent.filter(({ type }) => type === 'do')).toHaveLength(2);
  for (let t = 0; t < PATIENCE_MS; t += 2_000) {
    pass(2_000);
    socket().say({ type: 'pong', n: 1 });
  }
  expect(delivered[delivered.length - 1]).toEqual({ type: 'refused', key, code: 'no_answer', text: '', retry: true });
});

test('a silent line is given up and taken up again', () => {
  socket().say(welcome(0));
  pass(HEARTBEAT_MS + 500);
  expect(socket().sent.map(({ type }) => type)).toEqual(['hello', 'ping']);
  pass(SILENCE_MS);
  expect(lines).toEqual(['open', 'lost']);
  pass(1_000);
  expect(sockets).toHaveLength(2);
});

test('when the server says that there is nothing here it stays closed', () => {
  socket().onclose?.({ code: 4404 });
  pass(60_000);
  expect([lines, sockets.length]).toEqual([['closed'], 1]);
});

test('the state is the snapshot and what happened since', () => {
  const snapshot = { seq: 2, day: '2026-11-24', tickets: [ticket('A001'), ticket('A002')] };
  let state = after(null, welcome(2, { snapshot }));
  const called = ticket('A001', { state: 'called', room_id: 'r3', calls: 1 });
  const events = [event(3, called, 'called'), event(4, ticket('A002', { state: 'cancelled' }), 'cancelled')];
  state = after(state, { type: 'events', events });
  if (!state) throw new Error('no state');
  expect([...state.tickets.values()]).toEqual([called]);
  expect(inRoom(state, 'r3')).toEqual(called);
  expect(callsIn(state, events)).toEqual([
    { code: 'A001', label: '', room: 'Phòng 3', roomNumber: 3, kind: 'room', again: false },
  ]);
  // A welcome without a snapshot goes on from there.
  state = after(state, welcome(5, { events: [event(5, ticket('A003'))] }));
  expect([...(state?.tickets.keys() ?? [])]).toEqual(['A001', 'A003']);
});

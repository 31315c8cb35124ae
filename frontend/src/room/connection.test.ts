import { beforeEach, describe, expect, test } from 'vitest';

import type { ClientMessage, LoggedEvent, ServerMessage } from '../protocol/messages.gen';
import { arrived, log, person, said } from '../test/room';
import { Connection, COMMAND_PATIENCE_MS, DOUBT_MS, HEARTBEAT_MS, SILENCE_MS, type Socket } from './connection';

class FakeSocket implements Socket {
  readyState = 1;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  sent: ClientMessage[] = [];
  closed: number | undefined | null = null;

  send(text: string): void {
    this.sent.push(JSON.parse(text) as ClientMessage);
  }
  close(code?: number): void {
    this.closed = code;
  }
  say(message: ServerMessage): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
}

let now: number;
let random: number;
let keys: number;
let sockets: FakeSocket[];
let delivered: ServerMessage[];
let lines: string[];
let connection: Connection;

const socket = (): FakeSocket => sockets.at(-1) as FakeSocket;
const kinds = (): string[] => socket().sent.map((message) => message.type);
const welcome = (events: LoggedEvent[] = []): ServerMessage => ({
  type: 'welcome',
  participant_id: 'me',
  permissions: { admit: false, mark_patient: false, remove: false, end_call: false },
  snapshot: null,
  events,
});

function pass(milliseconds: number): void {
  for (let t = 0; t < milliseconds; t += 250) {
    now += 250;
    connection.tick();
  }
}

function open(events: LoggedEvent[] = log([{ kind: 'session_opened', encrypted: false }])): void {
  socket().onopen?.();
  socket().say(welcome(events));
}

beforeEach(() => {
  now = 1_000;
  random = 0.5;
  keys = 0;
  sockets = [];
  delivered = [];
  lines = [];
  connection = new Connection({
    open: () => {
      sockets.push(new FakeSocket());
      return socket();
    },
    now: () => now,
    random: () => random,
    newKey: () => `key-${++keys}`,
    deliver: (message) => delivered.push(message),
    line: (line, code) => lines.push(code === undefined ? line : `${line} ${code}`),
  });
  connection.start();
});

describe('knocking', () => {
  beforeEach(() => open());

  test('a new socket that opens before the old one answers takes its place at once', () => {
    connection.knock();
    expect(sockets).toHaveLength(2);
    expect(kinds()).toEqual([]);
    socket().onopen?.();
    expect([sockets[0]?.closed, kinds(), lines.at(-1)]).toEqual([undefined, ['hello'], 'reconnecting']);
    socket().say(welcome());
    expect([connection.up, lines.at(-1)]).toEqual([true, 'open']);
  });

  test('when the old one answers first, the new one is closed unheard', () => {
    connection.knock();
    const [old, spare] = sockets;
    old?.say({ type: 'pong', n: 1 });
    expect([spare?.closed, spare?.sent, connection.up]).toEqual([undefined, [], true]);
    spare?.onopen?.();
    expect(old?.closed).toBe(null);
  });

  test('on a dark line both are given up, and it is tried again as ever', () => {
    connection.knock();
    connection.knock();
    expect(sockets).toHaveLength(2);
    pass(DOUBT_MS + 500);
    expect([connection.up, lines.at(-1)]).toEqual([false, 'reconnecting']);
    pass(3_000);
    expect(sockets).toHaveLength(3);
  });

  test('a socket that is not up is not doubted', () => {
    socket().onclose?.({ code: 1006 });
    connection.knock();
    expect(sockets).toHaveLength(1);
  });
});

describe('opening', () => {
  test('hello says what is known, and welcome opens the line', () => {
    socket().onopen?.();
    expect(socket().sent).toEqual([{ type: 'hello', protocol: 1, last_seq: null }]);
    expect(connection.up).toBe(false);
    socket().say(welcome());
    expect(connection.up).toBe(true);
    expect(lines).toEqual(['open']);
  });

  test('a socket that never answers is given up', () => {
    pass(8_500);
    expect(lines).toEqual(['reconnecting']);
    pass(1_000);
    expect(sockets).toHaveLength(2);
  });
});

describe('events', () => {
  test('arrive in order, once', () => {
    open();
    const [two, three] = log([arrived(person('a', 'hub')), said('a', 'x')], 2) as [LoggedEvent, LoggedEvent];
    socket().say({ type: 'events', events: [two] });
    socket().say({ type: 'events', events: [two, three] });
    socket().say({ type: 'events', events: [three] });
    expect(delivered.slice(1)).toEqual([
      { type: 'events', events: [two] },
      { type: 'events', events: [three] },
    ]);
  });

  test('a gap is asked for once, and nothing after it is shown before it is filled', () => {
    open();
    const [two, three, four] = log([said('a', '2'), said('a', '3'), said('a', '4')], 2) as [
      LoggedEvent,
      LoggedEvent,
      LoggedEvent,
    ];
    socket().say({ type: 'events', events: [three] });
    socket().say({ type: 'events', events: [four] });
    expect(socket().sent.filter((message) => message.type === 'hello')).toEqual([
      { type: 'hello', protocol: 1, last_seq: null },
      { type: 'hello', protocol: 1, last_seq: 1 },
    ]);
    expect(delivered).toHaveLength(1);
    socket().say(welcome([two, three, four]));
    const five = log([said('a', '5')], 5);
    socket().say({ type: 'events', events: five });
    expect(delivered.slice(1)).toEqual([welcome([two, three, four]), { type: 'events', events: five }]);
  });

  test('after a reconnect the client asks from its last event on', () => {
    open(log([{ kind: 'session_opened', encrypted: false }, said('a', 'x')]));
    socket().onclose?.({ code: 1006 });
    pass(1_000);
    socket().onopen?.();
    expect(socket().sent).toEqual([{ type: 'hello', protocol: 1, last_seq: 2 }]);
  });
});

describe('commands', () => {
  test('are sent at once when the line is up and forgotten when acknowledged', () => {
    open();
    connection.command({ do: 'arrive' });
    expect(socket().sent.at(-1)).toEqual({ type: 'command', key: 'key-1', action: { do: 'arrive' } });
    socket().say({ type: 'ack', key: 'key-1', seq: 2 });
    socket().onclose?.({ code: 1006 });
    pass(1_000);
    open([]);
    expect(kinds()).toEqual(['hello']);
  });

  test('wait for the line and go out again, under the same key, until they are answered', () => {
    connection.command({ do: 'arrive' });
    expect(socket().sent).toEqual([]);
    open();
    connection.command({ do: 'leave' });
    socket().onclose?.({ code: 1012 });
    pass(1_000);
    open([]);
    expect(socket().sent.slice(1)).toEqual([{ type: 'command', key: 'key-1', action: { do: 'arrive' } }]);
    socket().say({ type: 'ack', key: 'key-1', seq: 2 });
    expect(socket().sent.at(-1)).toEqual({ type: 'command', key: 'key-2', action: { do: 'leave' } });
  });

  test('what is refused for now is not overtaken by what was asked for later', () => {
    open();
    const first = { do: 'post_chat', text: 'Một', document_id: null } as const;
    const second = { do: 'post_chat', text: 'Hai', document_id: null } as const;
    connection.command(first);
    connection.command(second);
    socket().say({ type: 'refused', key: 'key-1', code: 'unavailable', text: '', retry: true });
    pass(1_000);
    socket().say({ type: 'ack', key: 'key-1', seq: 2 });
    expect(
      socket()
        .sent.filter((message) => message.type === 'command')
        .map((message) => message.action),
    ).toEqual([first, first, second]);
  });

  test('a refusal for good is delivered, one for now is tried again', () => {
    open();
    connection.command({ do: 'arrive' });
    socket().say({ type: 'refused', key: 'key-1', code: 'unavailable', text: '', retry: true });
    expect(delivered.filter((message) => message.type === 'refused')).toEqual([]);
    pass(1_000);
    expect(kinds().filter((kind) => kind === 'command')).toHaveLength(2);
    const refused = { type: 'refused', key: 'key-1', code: 'room.full', text: 'Phòng đã đủ người.', retry: false } as const;
    socket().say(refused);
    expect(delivered.at(-1)).toEqual(refused);
  });

  test('a server that refuses for too long is reported', () => {
    open();
    connection.command({ do: 'arrive' });
    now += COMMAND_PATIENCE_MS;
    socket().say({ type: 'refused', key: 'key-1', code: 'unavailable', text: '', retry: true });
    expect(delivered.at(-1)?.type).toBe('refused');
  });
});

describe('heartbeat', () => {
  test('one ping every five seconds', () => {
    open();
    for (let i = 0; i < 4; i += 1) {
      pass(HEARTBEAT_MS);
      socket().say({ type: 'pong', n: i });
    }
    expect(
      socket()
        .sent.filter((message) => message.type === 'ping')
        .map((ping) => ping.n),
    ).toEqual([1, 2, 3, 4]);
    expect(lines).toEqual(['open']);
  });

  test('a silent line is a broken one', () => {
    open();
    pass(SILENCE_MS + 500);
    expect(lines).toEqual(['open', 'reconnecting']);
  });

  test('a doubted line that does not answer is a broken one much sooner', () => {
    open();
    connection.doubt();
    pass(DOUBT_MS);
    expect(lines).toEqual(['open']);
    pass(250);
    expect(lines).toEqual(['open', 'reconnecting']);
  });

  test('a doubted line that answers stays', () => {
    open();
    connection.networkChanged();
    const ping = socket().sent.at(-1);
    pass(1_000);
    socket().say({ type: 'pong', n: ping?.type === 'ping' ? ping.n : 0 });
    pass(DOUBT_MS + 500);
    expect(lines).toEqual(['open']);
  });

  test('a long line is given its round trip before it is doubted to the end', () => {
    open();
    connection.doubt();
    pass(1_500);
    socket().say({ type: 'pong', n: 1 });
    connection.doubt();
    pass(3_500);
    expect(lines).toEqual(['open']);
    pass(250);
    expect(lines).toEqual(['open', 'reconnecting']);
  });
});

describe('reconnecting', () => {
  test('waits with full jitter and a growing ceiling', () => {
    random = 0.999;
    const waits: number[] = [];
    for (let i = 0; i < 4; i += 1) {
      const before = now;
      const count = sockets.length;
      socket().onclose?.({ code: 1006 });
      while (sockets.length === count) pass(250);
      waits.push(now - before);
    }
    expect(waits).toEqual([500, 1_000, 1_750, 3_000]);
    random = 0;
    const count = sockets.length;
    socket().onclose?.({ code: 1006 });
    pass(250);
    expect(sockets.length).toBe(count + 1);
  });

  test('a draining server says how long to wait at least', () => {
    open();
    random = 0;
    socket().say({ type: 'draining', retry_after_ms: 3_000 });
    socket().onclose?.({ code: 1012 });
    pass(2_750);
    expect(sockets).toHaveLength(1);
    pass(500);
    expect(sockets).toHaveLength(2);
  });

  test.each([1000, 1008, 1009, 4400, 4401, 4403, 4404, 4409, 4410])('code %i ends it', (code) => {
    open();
    socket().onclose?.({ code });
    pass(60_000);
    expect(lines).toEqual(['open', `closed ${code}`]);
    expect(sockets).toHaveLength(1);
  });

  test.each([1001, 1005, 1006, 1011, 1012, 1013])('code %i is tried again', (code) => {
    open();
    socket().onclose?.({ code });
    pass(1_000);
    expect(sockets).toHaveLength(2);
  });

  test('the network coming back cuts the wait short', () => {
    open();
    random = 0.999;
    for (let i = 0; i < 5; i += 1) {
      socket().onclose?.({ code: 1006 });
      connection.networkChanged();
      pass(250);
    }
    expect(sockets).toHaveLength(6);
  });

  test('a late close of the old socket does not touch the new one', () => {
    open();
    const old = socket();
    const onclose = old.onclose;
    pass(SILENCE_MS + 500);
    pass(1_000);
    open([]);
    onclose?.({ code: 4403 });
    expect(connection.up).toBe(true);
  });

  test('stopping is for good', () => {
    open();
    connection.stop();
    pass(60_000);
    expect(socket().closed).toBe(1000);
    expect(sockets).toHaveLength(1);
    expect(lines).toEqual(['open']);
  });
});

test('a socket that is closing is sent nothing, and what was asked for goes out on the next one', () => {
  open();
  socket().readyState = 2;
  const before = socket().sent.length;
  connection.command({ do: 'leave' });
  expect(connection.send({ type: 'report_quality', quality: 'weak' })).toBe(false);
  expect(socket().sent.length).toBe(before);
  socket().onclose?.({ code: 1006 });
  pass(2_000);
  open();
  expect(socket().sent.at(-1)).toEqual({ type: 'command', key: 'key-1', action: { do: 'leave' } });
});

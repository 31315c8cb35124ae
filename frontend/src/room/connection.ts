/**
 * The room's socket. It promises: events arrive in order, once and without gaps; a command is sent until it is acknowledged
 * or refused, under one idempotency key; a broken line is noticed within two missed heartbeats and taken up again.
 *
 * Time, chance, ids and the socket come in from outside; `tick` is called a few times a second (by a worker: see clock.ts).
 */

import { Backoff } from '../net/backoff';
import {
  CloseCode,
  PROTOCOL_VERSION,
  type Action,
  type ClientMessage,
  type LoggedEvent,
  type ServerMessage,
} from '../protocol/messages.gen';
import type { Line } from './state';

/** The part of a WebSocket that is used. */
export interface Socket {
  /** 1 is OPEN; a socket that is closing takes nothing any more. */
  readonly readyState: number;
  onopen: (() => void) | null;
  onmessage: ((event: { data: string }) => void) | null;
  onclose: ((event: { code: number }) => void) | null;
  send(text: string): void;
  close(code?: number): void;
}

export interface ConnectionPort {
  open(): Socket;
  now(): number;
  random(): number;
  newKey(): string;
  /** Messages for the room, events already in order. */
  deliver(message: ServerMessage): void;
  line(line: Line, code?: number): void;
}

const OPEN = 1;
export const HEARTBEAT_MS = 5_000;
/** Two heartbeats missed, and a little. */
export const SILENCE_MS = 11_000;
/** How long a socket may take to answer when there is reason to think it dead. */
export const DOUBT_MS = 1_500;
/** Between two second sockets: a line that halts now and then is not to pay for one each time. */
const KNOCK_MS = 5_000;
const CONNECT_TIMEOUT_MS = 8_000;
/** A command the server keeps refusing "for now" is given up and reported after this long. */
export const COMMAND_PATIENCE_MS = 60_000;

/** Close codes after which coming back by oneself would be wrong or useless. Everything else is the line's or the server's fault. */
const TERMINAL: readonly number[] = [
  CloseCode.NORMAL,
  CloseCode.POLICY,
  CloseCode.TOO_BIG,
  CloseCode.HELLO_FIRST,
  CloseCode.SIGNED_OUT,
  CloseCode.NOT_ALLOWED,
  CloseCode.NOT_FOUND,
  CloseCode.SUPERSEDED,
  CloseCode.ROOM_OVER,
];

interface Pending {
  readonly action: Action;
  readonly since: number;
}

export class Connection {
  private socket: Socket | null = null;
  private welcomed = false;
  private openedAt = 0;
  private heardAt = 0;
  private pingedAt = 0;
  private pings = 0;
  private roundTrip = 0;
  private doubtedAt: number | null = null;
  /** Opened beside a socket that is in doubt. It says nothing before the other has been given up. */
  private spare: Socket | null = null;
  private knockedAt = -Infinity;
  private nextTryAt: number | null = null;
  private waitAtLeast = 0;
  private stopped = false;
  private lastSeq: number | null = null;
  private resyncing = false;
  /** In the order they were asked for. One at a time is under way, so that what is refused "for now" is not overtaken. */
  private readonly pending = new Map<string, Pending>();
  private underWay: string | null = null;
  private holdUntil = 0;
  private readonly backoff: Backoff;
  private readonly commandBackoff: Backoff;

  constructor(private readonly port: ConnectionPort) {
    this.backoff = new Backoff(() => port.random(), 400, 3_000);
    this.commandBackoff = new Backoff(() => port.random(), 500, 3_000);
  }

  /** True between `welcome` and the end of the socket: only then is it worth sending what is not a command. */
  get up(): boolean {
    return this.welcomed;
  }

  start(): void {
    this.stopped = false;
    this.connect();
  }

  /** Close for good: the person left. */
  stop(): void {
    this.stopped = true;
    this.nextTryAt = null;
    this.drop(CloseCode.NORMAL);
  }

  /** Ask for an action; it is sent after those asked for before it, and again until it is answered. */
  command(action: Action): string {
    const key = this.port.newKey();
    this.pending.set(key, { action, since: this.port.now() });
    this.sendNext();
    return key;
  }

  /** Send what is only of use now. False when the line is down. */
  send(message: Exclude<ClientMessage, { type: 'command' } | { type: 'hello' }>): boolean {
    return this.welcomed && this.write(message);
  }

  /** The browser says the network is back, or changed: do not wait for the timer. */
  networkChanged(): void {
    if (this.nextTryAt !== null) this.nextTryAt = this.port.now();
    // An open socket may be dead on the old network.
    else this.doubt();
  }

  /** Something else says the line may be gone (sound and picture stopped): ask now, and do not wait long for the answer. */
  doubt(): void {
    if (!this.welcomed || this.doubtedAt !== null) return;
    this.doubtedAt = this.port.now();
    this.ping();
  }

  /**
   * Doubt, and knock a second time at once: a computer that has come into another network is told nothing, its old sockets just
   * stay silent. Where a new one opens before the old one has answered, the old one is dead.
   */
  knock(): void {
    this.doubt();
    const now = this.port.now();
    if (this.doubtedAt === null || this.spare || now - this.knockedAt < KNOCK_MS) return;
    this.knockedAt = now;
    const spare = (this.spare = this.port.open());
    spare.onopen = () => {
      if (spare !== this.spare) return;
      this.spare = null;
      this.drop();
      this.port.line('reconnecting');
      this.openedAt = this.port.now();
      this.use(spare);
      this.hello();
    };
    spare.onclose = () => {
      if (spare === this.spare) this.spare = null;
    };
  }

  tick(): void {
    const now = this.port.now();
    if (this.stopped) return;
    if (this.nextTryAt !== null && now >= this.nextTryAt) this.connect();
    if (!this.socket) return;
    if (!this.welcomed) {
      if (now - this.openedAt > CONNECT_TIMEOUT_MS) this.lost(1006);
      return;
    }
    const patience = Math.max(DOUBT_MS, 2 * this.roundTrip + 500);
    if (now - this.heardAt > SILENCE_MS || (this.doubtedAt !== null && now - this.doubtedAt > patience)) {
      this.lost(1006);
      return;
    }
    if (now - this.pingedAt >= HEARTBEAT_MS) this.ping();
    this.sendNext();
  }

  private sendNext(): void {
    if (!this.welcomed || this.underWay !== null || this.port.now() < this.holdUntil) return;
    for (const [key, { action }] of this.pending) {
      if (this.write({ type: 'command', key, action })) this.underWay = key;
      return;
    }
  }

  private answered(key: string): void {
    this.pending.delete(key);
    if (this.underWay === key) this.underWay = null;
  }

  private ping(): void {
    this.pingedAt = this.port.now();
    this.pings += 1;
    this.write({ type: 'ping', n: this.pings });
  }

  private connect(): void {
    this.nextTryAt = null;
    this.welcomed = false;
    this.resyncing = false;
    const now = this.port.now();
    this.openedAt = now;
    this.use(this.port.open());
  }

  private use(socket: Socket): void {
    this.socket = socket;
    socket.onopen = () => {
      if (socket === this.socket) this.hello();
    };
    socket.onmessage = (event) => {
      if (socket === this.socket) this.receive(JSON.parse(event.data) as ServerMessage);
    };
    socket.onclose = (event) => {
      if (socket === this.socket) this.lost(event.code);
    };
  }

  private hello(): void {
    this.write({ type: 'hello', protocol: PROTOCOL_VERSION, last_seq: this.lastSeq });
  }

  /** False when the socket is closing already: its end is noticed in a moment, and what matters is sent again then. */
  private write(message: ClientMessage): boolean {
    if (this.socket?.readyState !== OPEN) return false;
    this.socket.send(JSON.stringify(message));
    return true;
  }

  private drop(code?: number): void {
    this.dropSpare();
    const socket = this.socket;
    this.socket = null;
    this.welcomed = false;
    this.doubtedAt = null;
    this.underWay = null;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close(code);
  }

  private dropSpare(): void {
    const spare = this.spare;
    this.spare = null;
    if (!spare) return;
    spare.onopen = spare.onclose = null;
    spare.close();
  }

  private lost(code: number): void {
    this.drop();
    if (this.stopped) return;
    if (TERMINAL.includes(code)) {
      this.stopped = true;
      this.port.line('closed', code);
      return;
    }
    this.nextTryAt = this.port.now() + this.backoff.next(this.waitAtLeast);
    this.waitAtLeast = 0;
    this.port.line('reconnecting');
  }

  private receive(message: ServerMessage): void {
    this.heardAt = this.port.now();
    this.doubtedAt = null;
    this.dropSpare();
    switch (message.type) {
      case 'welcome':
        this.onWelcome(message.snapshot?.seq ?? null, message.events);
        this.port.deliver(message);
        // What was under way may be in the log already; the key makes a repeat harmless.
        this.sendNext();
        break;
      case 'events':
        this.onEvents(message.events);
        break;
      case 'ack':
        this.answered(message.key);
        this.commandBackoff.reset();
        this.port.deliver(message);
        this.sendNext();
        break;
      case 'refused':
        this.onRefused(message);
        break;
      case 'draining':
        this.waitAtLeast = message.retry_after_ms;
        break;
      case 'pong':
        if (message.n === this.pings) this.roundTrip = this.heardAt - this.pingedAt;
        break;
      default:
        this.port.deliver(message);
    }
  }

  private onWelcome(snapshotSeq: number | null, events: readonly LoggedEvent[]): void {
    if (snapshotSeq !== null) this.lastSeq = snapshotSeq;
    this.lastSeq = Math.max(this.lastSeq ?? 0, events.at(-1)?.seq ?? 0);
    this.welcomed = true;
    this.resyncing = false;
    this.holdUntil = 0;
    this.pingedAt = this.port.now();
    this.backoff.reset();
    this.port.line('open');
  }

  private onEvents(events: readonly LoggedEvent[]): void {
    const fresh = events.filter((event) => event.seq > (this.lastSeq ?? 0));
    const first = fresh[0];
    const last = fresh.at(-1);
    if (!first || !last) return;
    if (first.seq !== (this.lastSeq ?? 0) + 1) {
      // A gap: ask for what is missing, once; the answer holds these events too.
      if (!this.resyncing) this.hello();
      this.resyncing = true;
      return;
    }
    this.lastSeq = last.seq;
    this.port.deliver({ type: 'events', events: fresh });
  }

  private onRefused(message: Extract<ServerMessage, { type: 'refused' }>): void {
    const command = this.pending.get(message.key);
    if (command && message.retry && this.port.now() - command.since < COMMAND_PATIENCE_MS) {
      this.underWay = null;
      this.holdUntil = this.port.now() + this.commandBackoff.next(200);
      return;
    }
    this.answered(message.key);
    this.port.deliver(message);
    this.sendNext();
  }
}

/**
 * The queue's socket. It promises: events arrive in order, once and without gaps; an action is sent until it is answered, under
 * one key; a broken line is noticed within two missed heartbeats and taken up again where it was.
 *
 * Time, chance, keys and the socket come in from outside; `tick` is called a few times a second.
 */

import { Backoff } from '../net/backoff';
import { CloseCode } from '../protocol/messages.gen';
import {
  QUEUE_PROTOCOL_VERSION,
  type ClientMessage,
  type QueueAction,
  type QueueEvents,
  type QueueWelcome,
  type ServerMessage,
} from '../protocol/queues.gen';

/** The part of a WebSocket that is used. */
export interface Socket {
  readonly readyState: number;
  onopen: (() => void) | null;
  onmessage: ((event: { data: string }) => void) | null;
  onclose: ((event: { code: number }) => void) | null;
  send(text: string): void;
  close(code?: number): void;
}

export type Line = 'open' | 'lost' | 'closed';

export interface Port {
  open(): Socket;
  now(): number;
  random(): number;
  newKey(): string;
  deliver(message: ServerMessage): void;
  /** `closed` is for good; `code` says why. */
  line(line: Line, code?: number): void;
}

const OPEN = 1;
export const HEARTBEAT_MS = 5_000;
export const SILENCE_MS = 11_000;
const CONNECT_TIMEOUT_MS = 8_000;
/** An action the server keeps refusing "for now", or never answers, is given up after this long. */
export const PATIENCE_MS = 30_000;

const TERMINAL: readonly number[] = [
  CloseCode.NORMAL,
  CloseCode.POLICY,
  CloseCode.TOO_BIG,
  CloseCode.HELLO_FIRST,
  CloseCode.SIGNED_OUT,
  CloseCode.NOT_ALLOWED,
  CloseCode.NOT_FOUND,
];

export class QueueConnection {
  private socket: Socket | null = null;
  private welcomed = false;
  private openedAt = 0;
  private heardAt = 0;
  private pingedAt = 0;
  private pings = 0;
  private nextTryAt: number | null = null;
  private waitAtLeast = 0;
  private stopped = false;
  private lastSeq: number | null = null;
  private day = '';
  private resyncing = false;
  private readonly pending = new Map<string, { action: QueueAction; since: number; sentAt: number }>();
  private holdUntil = 0;
  private readonly backoff: Backoff;

  constructor(private readonly port: Port) {
    this.backoff = new Backoff(() => port.random(), 500, 5_000);
  }

  get up(): boolean {
    return this.welcomed;
  }

  start(): void {
    this.stopped = false;
    this.connect();
  }

  stop(): void {
    this.stopped = true;
    this.nextTryAt = null;
    this.drop(CloseCode.NORMAL);
  }

  /** Ask for an action; it is sent again until it is answered. */
  act(action: QueueAction): string {
    const key = this.port.newKey();
    this.pending.set(key, { action, since: this.port.now(), sentAt: 0 });
    this.sendPending();
    return key;
  }

  /** The browser says the network is back: do not wait for the timer. */
  networkChanged(): void {
    if (this.nextTryAt !== null) this.nextTryAt = this.port.now();
  }

  tick(): void {
    const now = this.port.now();
    this.giveUp(now);
    if (this.stopped) return;
    if (this.nextTryAt !== null && now >= this.nextTryAt) this.connect();
    if (!this.socket) return;
    if (now - (this.welcomed ? this.heardAt : this.openedAt) > (this.welcomed ? SILENCE_MS : CONNECT_TIMEOUT_MS)) {
      this.lost(1006);
      return;
    }
    if (this.welcomed && now - this.pingedAt >= HEARTBEAT_MS) {
      this.pingedAt = now;
      this.pings += 1;
      this.write({ type: 'ping', n: this.pings });
    }
    this.sendPending();
  }

  private giveUp(now: number): void {
    for (const [key, { since }] of this.pending) {
      if (now - since < PATIENCE_MS) continue;
      this.pending.delete(key);
      this.port.deliver({ type: 'refused', key, code: 'no_answer', text: '', retry: true });
    }
  }

  private sendPending(): void {
    if (!this.welcomed || this.port.now() < this.holdUntil) return;
    for (const [key, one] of this.pending) {
      if (one.sentAt === 0 && this.write({ type: 'do', key, action: one.action })) one.sentAt = this.port.now();
    }
  }

  private connect(): void {
    this.nextTryAt = null;
    this.welcomed = this.resyncing = false;
    this.openedAt = this.port.now();
    const socket = this.port.open();
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
    this.write({ type: 'hello', protocol: QUEUE_PROTOCOL_VERSION, last_seq: this.lastSeq, day: this.day });
  }

  private write(message: ClientMessage): boolean {
    if (this.socket?.readyState !== OPEN) return false;
    this.socket.send(JSON.stringify(message));
    return true;
  }

  private drop(code?: number): void {
    const socket = this.socket;
    this.socket = null;
    this.welcomed = false;
    // What was under way is sent again; the key makes a repeat harmless.
    for (const one of this.pending.values()) one.sentAt = 0;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close(code);
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
    this.port.line('lost', code);
  }

  private receive(message: ServerMessage): void {
    this.heardAt = this.port.now();
    switch (message.type) {
      case 'welcome':
        this.onWelcome(message);
        break;
      case 'events':
        this.onEvents(message);
        break;
      case 'draining':
        this.waitAtLeast = message.retry_after_ms;
        break;
      case 'pong':
        break;
      case 'refused': {
        const one = this.pending.get(message.key);
        if (one && message.retry) {
          one.sentAt = 0;
          this.holdUntil = this.port.now() + 700;
          break;
        }
        this.pending.delete(message.key);
        this.port.deliver(message);
        break;
      }
      case 'done':
        this.pending.delete(message.key);
        this.port.deliver(message);
        break;
      default:
        this.port.deliver(message);
    }
  }

  private onWelcome(message: QueueWelcome): void {
    this.lastSeq = message.seq;
    this.day = message.day;
    this.welcomed = true;
    this.resyncing = false;
    this.holdUntil = 0;
    this.pingedAt = this.port.now();
    this.backoff.reset();
    this.port.line('open');
    this.port.deliver(message);
    this.sendPending();
  }

  private onEvents(message: QueueEvents): void {
    const fresh = message.events.filter((event) => event.seq > (this.lastSeq ?? 0));
    const first = fresh[0];
    if (!first) return;
    if (first.seq !== (this.lastSeq ?? 0) + 1) {
      // A gap: ask for what is missing, once; the answer holds these events too.
      if (!this.resyncing) this.hello();
      this.resyncing = true;
      return;
    }
    this.lastSeq = fresh[fresh.length - 1]?.seq ?? this.lastSeq;
    this.port.deliver({ type: 'events', events: fresh });
  }
}

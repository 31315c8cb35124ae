/** A queue's socket in a real page: the browser's clock, chance, network and WebSocket. */

import type { ServerMessage } from '../protocol/queues.gen';
import { QueueConnection, type Line, type Socket } from './connection';

export interface Boot {
  readonly socket_url: string;
  readonly language: string;
}

/** What the server puts into `<script type="application/json" id="queue-boot">`. */
export function readBoot<B extends Boot>(): B {
  const script = document.getElementById('queue-boot');
  if (!script?.textContent) throw new Error('queue-boot is missing');
  return JSON.parse(script.textContent) as B;
}

function open(path: string): Socket {
  const url = new URL(path, location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return new WebSocket(url) as Socket;
}

/** `crypto.randomUUID` needs a secure page; a kiosk on the house's network may not have one. */
function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const text = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return [8, 12, 16, 20].reduceRight((uuid, place) => `${uuid.slice(0, place)}-${uuid.slice(place)}`, text);
}

export function connect(
  path: string,
  deliver: (message: ServerMessage) => void,
  line: (line: Line, code?: number) => void,
): QueueConnection {
  const connection = new QueueConnection({
    open: () => open(path),
    now: () => Date.now(),
    random: Math.random,
    newKey,
    deliver,
    line,
  });
  connection.start();
  setInterval(() => connection.tick(), 250);
  addEventListener('online', () => connection.networkChanged());
  return connection;
}

import type { Socket } from './connection';

/** A browser WebSocket to a path of this host. */
export function webSocket(path: string): Socket {
  const url = new URL(path, location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return new WebSocket(url) as Socket;
}

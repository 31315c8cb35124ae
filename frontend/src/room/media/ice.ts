/**
 * Which ways to the media server a connection may take: straight, or through a TURN server. Decides, does nothing.
 *
 * The first try is open to all ways at once; the browser takes the best that works. A network that swallows UDP without a word, or
 * lets it through and then not, makes that fail: the next tries go through TURN only, over TCP, then over TLS (which looks like
 * a web page), then begin anew.
 */

import type { IceServer } from '../../protocol/messages.gen';

export type Ways = Pick<RTCConfiguration, 'iceServers' | 'iceTransportPolicy'>;

/** How long a try may take when another way is left; else `CONNECT_PATIENCE_MS`. */
export const NEXT_WAY_MS = 6_000;
export const CONNECT_PATIENCE_MS = 10_000;

const overTcp = (url: string): boolean => url.startsWith('turns:') || url.endsWith('transport=tcp');
const overTls = (url: string): boolean => url.startsWith('turns:');

/** The server's servers with those of their addresses that fit; none without. */
function only(servers: readonly IceServer[], fits: (url: string) => boolean): RTCIceServer[] {
  return servers
    .map((server) => ({ ...server, urls: server.urls.filter(fits) }))
    .filter((server) => server.urls.length > 0);
}

/** The ways there are, in the order in which they are tried. */
export function waysOf(servers: readonly IceServer[]): Ways[] {
  const relayed = [overTcp, overTls].map((fits) => only(servers, fits)).filter((some) => some.length > 0);
  const different = relayed.filter((some, at) => JSON.stringify(some) !== JSON.stringify(relayed[at - 1]));
  return [
    { iceServers: only(servers, () => true), iceTransportPolicy: 'all' },
    ...different.map((iceServers): Ways => ({ iceServers, iceTransportPolicy: 'relay' })),
  ];
}

/** Remembers how often a connection was tried in vain. */
export class IceLadder {
  private failures = 0;
  private count = 1;

  /** The way for a connection that is being offered these servers. */
  next(servers: readonly IceServer[]): Ways {
    const ways = waysOf(servers);
    this.count = ways.length;
    return ways[this.failures % ways.length] as Ways;
  }

  /** How long the try may take. */
  get patienceMs(): number {
    return this.count > 1 ? NEXT_WAY_MS : CONNECT_PATIENCE_MS;
  }

  failed(): void {
    this.failures += 1;
  }

  /** Connected: the next connection may find another network, so it begins with all ways. */
  worked(): void {
    this.failures = 0;
  }
}

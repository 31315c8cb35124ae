/**
 * A station's line to the server: short requests with its token, kept in this browser. The token comes once, in the fragment of the
 * address, when the computer is registered; nobody is signed in.
 */

import { Lost } from './line';

const KEPT = 'line-station';

/** The token of this computer, "" when it is no station. A new one is taken out of the address, so that nobody reads it there. */
export function takeToken(): string {
  const fresh = decodeURIComponent(location.hash.slice(1));
  if (fresh) {
    localStorage.setItem(KEPT, fresh);
    history.replaceState(null, '', location.pathname);
  }
  return localStorage.getItem(KEPT) ?? '';
}

export interface Site {
  readonly place: string;
  readonly minute: number;
}

export class StationLine {
  /** Whose line it is, once the server has said so. */
  site: Site | null = null;

  constructor(
    private readonly url: string,
    private readonly token: string,
  ) {}

  get headers(): Record<string, string> {
    return { Authorization: `Station ${this.token}` };
  }

  /** Milliseconds of one round trip. Throws `Lost`: `unknown` when the token is none or was taken back. */
  async pulse(patienceMs: number): Promise<number> {
    const began = performance.now();
    let response: Response;
    try {
      response = await fetch(this.url, {
        headers: this.headers,
        cache: 'no-store',
        credentials: 'omit',
        signal: AbortSignal.timeout(patienceMs),
      });
    } catch {
      throw new Lost('silent');
    }
    const took = performance.now() - began;
    if (response.status === 401) throw new Lost('unknown');
    // Up, but something behind it is away: not the line's fault.
    if (!response.ok) throw new Lost('server');
    this.site = (await response.json()) as Site;
    return took;
  }
}

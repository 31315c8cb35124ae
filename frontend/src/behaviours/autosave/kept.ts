/** Copies of what the server has not acknowledged yet, on this device, each under the person who typed it. */

import type { Draft, SaveResult } from './saver';

/** A draft and where it goes, so that it can be sent from any page of its author. */
interface Kept extends Draft {
  url: string;
}

export const ownPrefix = (): string => `draft:${document.body.dataset['user'] ?? ''}:`;

export function keep(key: string, url: string, draft: Draft | null): void {
  if (draft) localStorage.setItem(key, JSON.stringify({ ...draft, url } satisfies Kept));
  else localStorage.removeItem(key);
}

export function keptKeys(prefix: string): string[] {
  return Object.keys(localStorage).filter((key) => key.startsWith(prefix));
}

/** Send what the signed-in person left behind on other pages. A copy the server took is forgotten; every other one stays. */
export async function sendKept(send: (url: string, draft: Draft) => Promise<SaveResult>, except: Iterable<string>): Promise<void> {
  const onThisPage = new Set(except);
  const rest = keptKeys(ownPrefix()).filter((key) => !onThisPage.has(key));
  await Promise.all(
    rest.map(async (key) => {
      const text = localStorage.getItem(key);
      const kept = JSON.parse(text ?? '{}') as Partial<Kept>;
      if (!kept.url || !kept.fields || kept.version === undefined) return;
      const result = await send(kept.url, { version: kept.version, fields: kept.fields });
      // Typed on in another tab meanwhile: that is a newer copy, and not sent.
      if (result.kind === 'saved' && localStorage.getItem(key) === text) localStorage.removeItem(key);
    }),
  );
}

export function forgetOwn(): void {
  keptKeys(ownPrefix()).forEach((key) => localStorage.removeItem(key));
}

/**
 * The inbox socket: the server says *what* changed, the page fetches it again. Losing a message costs nothing,
 * because every reconnect refreshes all `data-live` elements.
 *
 *     <ul data-live="worklist" hx-get="/worklist/rows/" hx-trigger="live" hx-swap="innerHTML">
 *
 * An element hears `live:<topic>` for each of its topics, and `live` once whatever the topic.
 */

import { Backoff } from '../net/backoff';
import { ring, startRing, type Ring } from './ring';

interface Changed {
  type: 'changed';
  topics: string[];
  ring: Ring | null;
}

const CLOSED_FOR_GOOD = new Set([1000, 1008, 4401, 4403]);

/** Elements being typed in are not pulled away under the hands: they refresh when the focus leaves. */
function refresh(element: HTMLElement, topics: string[]): void {
  const focused = document.activeElement;
  if (focused && focused !== element && element.contains(focused) && focused.matches('input, textarea, select')) {
    element.addEventListener('focusout', () => setTimeout(() => refresh(element, topics)), { once: true });
    return;
  }
  for (const topic of topics) element.dispatchEvent(new CustomEvent(`live:${topic}`));
  element.dispatchEvent(new CustomEvent('live'));
}

/** Tell the elements that show one of `topics`; null means all of them. */
export function dispatchLive(topics: string[] | null): void {
  for (const element of document.querySelectorAll<HTMLElement>('[data-live]')) {
    const own = (element.dataset['live'] ?? '').split(/\s+/).filter(Boolean);
    const hit = topics === null ? own : own.filter((topic) => topics.includes(topic));
    if (hit.length > 0) refresh(element, hit);
  }
}

function connect(url: string, backoff: Backoff, first: boolean): void {
  const socket = new WebSocket(url);
  let opened = false;
  socket.onopen = () => {
    opened = true;
    if (!first) dispatchLive(null);
    document.body.dataset['inboxState'] = 'open';
  };
  socket.onmessage = (event) => {
    // Only a message proves that the server works again, not the mere handshake.
    backoff.reset();
    const message = JSON.parse(String(event.data)) as Changed | { type: string };
    if (message.type !== 'changed') return;
    const { topics, ring: call } = message as Changed;
    dispatchLive(topics);
    if (call) ring(call);
  };
  socket.onclose = (event) => {
    document.body.dataset['inboxState'] = 'closed';
    if (CLOSED_FOR_GOOD.has(event.code)) return;
    setTimeout(() => connect(url, backoff, first && !opened), backoff.next());
  };
}

export function startInbox(): void {
  const path = document.body.dataset['inbox'];
  if (!path) return;
  startRing();
  const url = new URL(path, location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  connect(url.href, new Backoff(Math.random, 500, 10_000), true);
}

import { h } from './dom';

let polite: HTMLElement | undefined;

/** Say something to screen readers without showing it. */
export function announce(text: string): void {
  if (!polite) {
    polite = h('div', { class: 'visually-hidden', role: 'status', 'aria-live': 'polite' });
    document.body.append(polite);
  }
  const region = polite;
  // The same sentence twice in a row must still be a change.
  region.textContent = '';
  setTimeout(() => (region.textContent = text), 50);
}

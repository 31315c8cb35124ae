import '../styles/app.css';

/**
 * The page on which a patient tries their telephone before the waiting room. Small on purpose: the room's own script comes only
 * with the room. What is found here is not kept; the room opens the devices again.
 */

import { follow } from './join/place';
import { Check } from './join/check';

const check = document.querySelector<HTMLElement>('[data-check]');
if (check) new Check(check).ready();

const place = document.querySelector<HTMLElement>('[data-place]');
if (place) follow(place);

// The devices must be free when the room asks for them.
document.querySelector('[data-enter]')?.addEventListener('submit', () => {
  Check.current?.stop();
  // The room goes straight to its waiting board: here was the check.
  sessionStorage.setItem('room-checked', '1');
});

const print = document.querySelector<HTMLButtonElement>('[data-print]');
if (print) {
  print.hidden = false;
  print.addEventListener('click', () => window.print());
}
document.querySelector<HTMLElement>('[data-focus-on-load]')?.focus();

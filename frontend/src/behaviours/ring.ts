/**
 * The ring for a new case: sound (made here, no file), the title, and a sentence for screen readers.
 * Browsers allow sound only after a gesture, so the bell is a button that says whether it is on.
 */

import { t } from '../i18n';
import { announce } from '../ui/announce';
import { icon } from '../ui/dom';
import { toast } from '../ui/toast';

export interface Ring {
  request_id: string;
  urgency: string;
  text: string;
}

const WANTED = 'ring-wanted';
let audio: AudioContext | undefined;
let stopFlash: () => void = () => {};

/** Two rising notes; urgent ones are said three times, a red alert in a sharper voice. */
function play(context: AudioContext, urgency: string): void {
  const times = urgency === 'red' ? 4 : urgency === 'urgent' ? 3 : 1;
  const notes = urgency === 'red' ? [988, 740] : [659, 880];
  for (let i = 0; i < times * notes.length; i += 1) {
    const at = context.currentTime + 0.05 + i * 0.22 + Math.floor(i / notes.length) * 0.25;
    const tone = context.createOscillator();
    const volume = context.createGain();
    tone.type = 'triangle';
    tone.frequency.value = notes[i % notes.length] ?? 880;
    volume.gain.setValueAtTime(0, at);
    volume.gain.linearRampToValueAtTime(0.35, at + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.001, at + 0.4);
    tone.connect(volume).connect(context.destination);
    tone.start(at);
    tone.stop(at + 0.45);
  }
}

function flashTitle(text: string): void {
  stopFlash();
  const own = document.title;
  let on = false;
  const timer = setInterval(() => (document.title = (on = !on) ? `● ${text}` : own), 1_000);
  stopFlash = () => {
    clearInterval(timer);
    document.title = own;
    stopFlash = () => {};
  };
  const seen = (): void => stopFlash();
  if (document.hasFocus()) setTimeout(seen, 6_000);
  else addEventListener('focus', seen, { once: true });
}

export function ring(call: Ring): void {
  announce(call.text);
  flashTitle(call.text);
  // In the room a ringing bell would disturb the consultation; the sentence is enough.
  if (audio?.state === 'running' && !('quiet' in document.body.dataset)) play(audio, call.urgency);
  toast(call.text, {
    icon: 'bell-ring',
    stay: 0,
    className: call.urgency === 'red' ? 'toast--ring' : '',
    action: { label: t.ring.accept, run: () => location.assign(`/requests/${call.request_id}/`) },
  });
}

async function turnOn(): Promise<void> {
  audio ??= new AudioContext();
  if (audio.state !== 'running') await audio.resume();
  showBell();
}

function showBell(): void {
  const on = audio?.state === 'running';
  for (const button of document.querySelectorAll<HTMLElement>('[data-ring-toggle]')) {
    button.hidden = false;
    button.setAttribute('aria-pressed', String(on));
    button.title = on ? t.ring.on : t.ring.off;
    const label = button.querySelector('[data-ring-label]');
    if (label) label.textContent = on ? t.ring.on : t.ring.off;
    button.querySelector('[data-ring-icon]')?.replaceChildren(icon(on ? 'volume-2' : 'volume-x'));
  }
}

export function startRing(): void {
  showBell();
  document.addEventListener('click', (event) => {
    const asked = event.target instanceof Element && event.target.closest('[data-ring-toggle]');
    if (asked && audio?.state === 'running') {
      localStorage.removeItem(WANTED);
      void audio.suspend().then(showBell);
      return;
    }
    // Somebody who turned the bell on once gets it back with the first click on any page.
    if (asked) localStorage.setItem(WANTED, '1');
    if ((asked || localStorage.getItem(WANTED)) && audio?.state !== 'running') {
      void turnOn().then(() => asked && audio && play(audio, 'routine'));
    }
  });
}

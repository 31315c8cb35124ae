/**
 * The scanner: a reader that types, a camera, a hand. All three end in one event on `document`:
 *
 *     import { onScan, startScanner } from './scan';
 *     startScanner();
 *     onScan(({ text, source }) => …);
 *
 * In the page (`templates/components/scanner.html`): `<dialog data-scan-camera>` with a `<video>` and `[data-scan-state]`;
 * `[data-scan-open]` opens it. Without the dialog there is no camera, and readers work all the same. A view that shows it sends
 * `scanner_policy()` (`telehealth.web.middleware`): WebAssembly is allowed nowhere else.
 */

import { setText } from '../ui/dom';
import { s } from '../i18n/scan';
import { CodeCamera, type CameraState } from './camera';
import { startWedge } from './keys';
import { announceScan } from './scanned';

export { announceScan, onScan, type Scan, type ScanSource } from './scanned';

export function startScanner(): void {
  startWedge();
  const dialog = document.querySelector<HTMLDialogElement>('dialog[data-scan-camera]');
  if (dialog) startCamera(dialog);
}

function startCamera(dialog: HTMLDialogElement): void {
  const video = dialog.querySelector('video');
  const state = dialog.querySelector('[data-scan-state]');
  if (!video || !state) return;
  const show = (now: CameraState): void => {
    dialog.dataset['state'] = now;
    setText(state, s.camera[now]);
  };
  const camera = new CodeCamera(video, show, (text) => {
    dialog.close();
    announceScan(text, 'camera');
  });
  document.addEventListener('click', (event) => {
    if (!(event.target instanceof Element) || !event.target.closest('[data-scan-open]')) return;
    if (!dialog.open) dialog.showModal();
    void camera.start();
  });
  dialog.querySelector('[data-scan-again]')?.addEventListener('click', () => {
    camera.stop();
    void camera.start();
  });
  dialog.addEventListener('close', () => camera.stop());
  // A camera light that stays on in a hidden tab frightens people.
  document.addEventListener('visibilitychange', () => document.hidden && dialog.open && dialog.close());
}

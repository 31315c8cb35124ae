/** Where a code came from. */
export type ScanSource = 'wedge' | 'camera' | 'typed';

/** What `document` is told when a code was read: the one event desk and kiosk use. */
export interface Scan {
  readonly text: string;
  readonly source: ScanSource;
}

declare global {
  interface DocumentEventMap {
    scanned: CustomEvent<Scan>;
  }
}

let last: { text: string; at: number } = { text: '', at: -Infinity };
/** Milliseconds in which the same code is the same scan: a camera sees a card many times, a reader's trigger bounces. */
const SAME_SCAN = 1500;

export function announceScan(text: string, source: ScanSource, now: number = performance.now()): void {
  const cleaned = text.replace(/[\r\n]+$/, '');
  if (!cleaned.trim()) return;
  if (source !== 'typed' && cleaned === last.text && now - last.at < SAME_SCAN) {
    last = { text: cleaned, at: now };
    return;
  }
  last = { text: cleaned, at: now };
  document.dispatchEvent(new CustomEvent<Scan>('scanned', { detail: { text: cleaned, source } }));
}

/** Call `listener` for every code that is read on this page. */
export function onScan(listener: (scan: Scan) => void): () => void {
  const listen = (event: CustomEvent<Scan>): void => listener(event.detail);
  document.addEventListener('scanned', listen);
  return () => document.removeEventListener('scanned', listen);
}

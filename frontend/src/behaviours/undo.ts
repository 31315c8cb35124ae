/**
 * Undo instead of "are you sure". After an htmx action the server answers with a response header
 * `HX-Trigger: {"undoable": {"text": "Đã bỏ tệp.", "url": "/documents/…/restore/"}}`; the bar offers to take it back by POST.
 */

import { t } from '../i18n';
import { toast } from '../ui/toast';

interface Undoable {
  text: string;
  url: string;
}

async function takeBack(url: string): Promise<void> {
  const token = csrfToken();
  try {
    const response = await fetch(url, { method: 'POST', headers: { 'X-CSRFToken': token } });
    if (!response.ok) throw new Error(String(response.status));
    toast(t.undone, { icon: 'undo-2' });
    document.body.dispatchEvent(new CustomEvent('undone'));
  } catch {
    toast(t.undoFailed, { icon: 'triangle-alert', stay: 0 });
  }
}

/** Django's CSRF token as the page carries it for htmx. */
export function csrfToken(): string {
  const headers = document.body.getAttribute('hx-headers');
  if (!headers) return '';
  return (JSON.parse(headers) as Record<string, string>)['X-CSRFToken'] ?? '';
}

export function startUndo(): void {
  document.body.addEventListener('undoable', (event) => {
    const { text, url } = (event as CustomEvent<Undoable>).detail;
    toast(text, { action: { label: t.undo, run: () => void takeBack(url) } });
  });
}

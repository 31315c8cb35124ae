import htmx from 'htmx.org';

import { t } from '../i18n';
import { toast } from '../ui/toast';

export { htmx };

let lastComplaint = 0;

/** htmx with honest failures: what is on screen stays, and one sentence says so. */
export function startHtmx(): void {
  const complain = (): void => {
    // A broken line fails every fragment at once; one sentence is enough.
    if (Date.now() - lastComplaint < 10_000) return;
    lastComplaint = Date.now();
    toast(t.requestFailed, { icon: 'wifi-off' });
  };
  document.body.addEventListener('htmx:sendError', complain);
  document.body.addEventListener('htmx:timeout', complain);
  document.body.addEventListener('htmx:responseError', (event) => {
    if ((event as CustomEvent<{ xhr: XMLHttpRequest }>).detail.xhr.status >= 500) complain();
  });
  // Rows made from a template may carry htmx attributes of their own.
  document.body.addEventListener('rows-changed', (event) => htmx.process(event.target as HTMLElement));
  // A refused form comes back as 422 with its errors in place: show it.
  document.body.addEventListener('htmx:beforeSwap', (event) => {
    const detail = (event as CustomEvent<{ xhr: XMLHttpRequest; shouldSwap: boolean; isError: boolean }>).detail;
    if (detail.xhr.status === 422) {
      detail.shouldSwap = true;
      detail.isError = false;
    }
  });
}

/**
 * `<label class="dropzone" data-upload>` around `<input type="file">`: files dropped on it are put into the input and its form is
 * sent as if they had been chosen. The form itself (htmx or plain) does the upload, so it works without this too.
 */

function zoneOf(event: DragEvent): HTMLElement | null {
  return event.target instanceof Element ? event.target.closest<HTMLElement>('[data-upload]') : null;
}

/** htmx tells how much is sent; `<progress>` in the form shows it. */
function showProgress(event: Event): void {
  const { loaded, total } = (event as CustomEvent<{ loaded: number; total: number }>).detail;
  const bar = event.target instanceof Element ? event.target.querySelector('progress') : null;
  if (!bar || !total) return;
  bar.hidden = false;
  bar.max = total;
  bar.value = loaded;
}

export function startUploads(): void {
  document.addEventListener('htmx:xhr:progress', showProgress);
  document.addEventListener('dragover', (event) => {
    const zone = zoneOf(event);
    if (!zone) return;
    event.preventDefault();
    zone.dataset['over'] = '';
  });
  document.addEventListener('dragleave', (event) => {
    delete zoneOf(event)?.dataset['over'];
  });
  document.addEventListener('drop', (event) => {
    const zone = zoneOf(event);
    if (!zone) return;
    event.preventDefault();
    delete zone.dataset['over'];
    const input = zone.querySelector<HTMLInputElement>('input[type=file]');
    if (!input || !event.dataTransfer?.files.length) return;
    input.files = event.dataTransfer.files;
    input.dispatchEvent(new Event('change', { bubbles: true }));
  });
}

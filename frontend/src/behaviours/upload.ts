/**
 * `<label class="dropzone" data-upload>` around `<input type="file">`: files dropped on it are put into the input and its form is
 * sent as if they had been chosen. The form itself (htmx or plain) does the upload, so it works without this too.
 */

function zoneOf(event: DragEvent): HTMLElement | null {
  return event.target instanceof Element ? event.target.closest<HTMLElement>('[data-upload]') : null;
}

export function startUploads(): void {
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

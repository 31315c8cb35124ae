/** Longer ago than this, what was typed is of another visit. */
export const KEPT_MS = 6 * 60 * 60 * 1000;
const KEY = 'booking:typed';

interface Kept {
  at: number;
  values: Record<string, string>;
}

/**
 * Keeps a form's texts in the browser as they are typed, so that a lost line, an expired hold or a chosen other time loses nothing.
 * Numbers of papers are not kept: the phone may be somebody else's tomorrow.
 */
export function keepTyped(page: Document, storage: Storage, now: () => number = Date.now): void {
  const form = page.querySelector<HTMLFormElement>('form[data-kept]');
  if (!form) {
    if (page.querySelector('.booking-card')) storage.removeItem(KEY);
    return;
  }
  const fields = [...form.elements].filter(isText);
  const kept = read(storage);
  if (kept && now() - kept.at < KEPT_MS) {
    for (const field of fields) {
      const value = kept.values[field.name];
      if (value !== undefined && field.value === '') field.value = value;
    }
  }
  form.addEventListener('input', () => {
    const values = Object.fromEntries(fields.map((field) => [field.name, field.value]));
    storage.setItem(KEY, JSON.stringify({ at: now(), values } satisfies Kept));
  });
}

const KEPT_FIELDS = new Set(['full_name', 'born', 'reason']);

function isText(element: Element): element is HTMLInputElement | HTMLTextAreaElement {
  return 'name' in element && KEPT_FIELDS.has(String(element.name));
}

function read(storage: Storage): Kept | null {
  try {
    const found = JSON.parse(storage.getItem(KEY) ?? 'null') as Kept | null;
    return found && typeof found.at === 'number' && typeof found.values === 'object' ? found : null;
  } catch {
    return null;
  }
}

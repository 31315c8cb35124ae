import { announceScan } from './scanned';
import { LONGEST_GAP, Wedge } from './wedge';

type Field = HTMLInputElement | HTMLTextAreaElement;

/** What stood in the field before the reader began, to be put back. */
interface Before {
  readonly field: Field;
  readonly value: string;
  readonly start: number | null;
}

function fieldOf(target: EventTarget | null): Field | null {
  if (target instanceof HTMLTextAreaElement) return target;
  if (!(target instanceof HTMLInputElement)) return null;
  return ['text', 'search', 'tel', 'url', 'password', ''].includes(target.type) ? target : null;
}

/**
 * Listen for keyboard-wedge readers, wherever the focus is. What a person types is left alone; what a reader typed into a field is
 * taken out again, and its Enter presses nothing.
 *
 * In a field the text itself is read, not the keys: readers in ALT mode and Vietnamese keyboards write characters no key has.
 */
export function startWedge(target: Document = document, now: () => number = () => performance.now()): () => void {
  const wedge = new Wedge();
  let before: Before | null = null;
  let lastKey = -Infinity;

  const onKeyDown = (event: KeyboardEvent): void => {
    const at = now();
    if (event.ctrlKey || event.metaKey || event.repeat) {
      wedge.clear();
      before = null;
      return;
    }
    if (event.key === 'Enter' || event.key === 'Tab') {
      if (event.isComposing) return; // it ends a composition, not a line
      const keys = wedge.end(at);
      const kept = before;
      before = null;
      if (keys === null) return;
      event.preventDefault();
      event.stopPropagation();
      announceScan(takeOut(kept, keys), 'wedge', at);
      return;
    }
    if (at - lastKey > LONGEST_GAP || before?.field !== fieldOf(event.target)) {
      const field = fieldOf(event.target);
      before = field && { field, value: field.value, start: field.selectionStart };
    }
    lastKey = at;
    if (event.key === 'Backspace') wedge.takeBack(at);
    else if (event.key.length === 1) wedge.character(at, event.key);
    else if (event.key === 'Process' || event.key === 'Unidentified') wedge.character(at, '');
    else if (event.key !== 'Shift' && event.key !== 'Alt' && event.key !== 'AltGraph' && event.key !== 'CapsLock') wedge.clear();
    if (wedge.running(at) && !before) {
      // "/" of a date must not open the search, a blank must not press the button that has the focus.
      event.preventDefault();
      event.stopPropagation();
    }
  };
  target.addEventListener('keydown', onKeyDown, { capture: true });
  return () => target.removeEventListener('keydown', onKeyDown, { capture: true });
}

/** Return what the reader wrote, and put back what stood in the field before it. */
function takeOut(before: Before | null, keys: string): string {
  if (!before) return keys;
  const { field, value, start } = before;
  const head = value.slice(0, start ?? value.length);
  const after = value.slice(head.length);
  const tail = field.value.endsWith(after) ? after.length : 0;
  const came = field.value.startsWith(head) ? field.value.slice(head.length, field.value.length - tail) : field.value;
  // A field that is full has lost the rest; the keys have it all.
  const full = field.maxLength >= 0 && field.value.length >= field.maxLength;
  field.value = value;
  field.dispatchEvent(new Event('input', { bubbles: true }));
  return full || !came ? keys : came;
}

import { ensureRows } from '../repeat-rows';
import type { Fields, Values } from './saver';

/** Sent with every request by other means, or belonging to the page and not to the text. */
const NOT_CONTENT = new Set(['csrfmiddlewaretoken', 'version', 'next']);

/** The form's text fields in order. Files are sent by their own upload, not by autosave. */
export function readFields(form: HTMLFormElement): Fields {
  const fields: Fields = [];
  for (const [name, value] of new FormData(form)) {
    if (typeof value === 'string' && !NOT_CONTENT.has(name)) fields.push([name, value]);
  }
  return fields;
}

export function toValues(fields: Fields): Map<string, string[]> {
  const values = new Map<string, string[]>();
  for (const [name, value] of fields) values.set(name, [...(values.get(name) ?? []), value]);
  return values;
}

export function fieldsOf(values: Values): Fields {
  return Object.entries(values).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map((one): [string, string] => [name, one]),
  );
}

/** Write values into the form; repeated rows are added as needed. Controls not named are left alone, unless they are check boxes. */
export function writeFields(form: HTMLFormElement, fields: Fields): void {
  const values = toValues(fields);
  for (const [name, list] of values) ensureRows(form, name, list.length);
  const seen = new Map<string, number>();
  for (const control of form.elements) {
    if (control instanceof HTMLInputElement || control instanceof HTMLTextAreaElement || control instanceof HTMLSelectElement) {
      if (!control.name || NOT_CONTENT.has(control.name)) continue;
      writeControl(control, values.get(control.name), seen);
    }
  }
}

function writeControl(
  control: HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement,
  list: string[] | undefined,
  seen: Map<string, number>,
): void {
  if (control instanceof HTMLInputElement && control.type === 'file') return;
  if (control instanceof HTMLInputElement && (control.type === 'checkbox' || control.type === 'radio')) {
    control.checked = list?.includes(control.value) ?? false;
  } else if (control instanceof HTMLSelectElement && control.multiple) {
    for (const option of control.options) option.selected = list?.includes(option.value) ?? false;
  } else if (list) {
    const n = seen.get(control.name) ?? 0;
    seen.set(control.name, n + 1);
    const value = list[n];
    if (value !== undefined) control.value = value;
  }
}

export interface Difference {
  label: string;
  mine: string;
  theirs: string;
}

/** Which fields differ between two versions, with the words the person sees beside them. */
export function differences(form: HTMLFormElement, mine: Fields, theirs: Fields): Difference[] {
  const [left, right] = [toValues(mine), toValues(theirs)];
  const result: Difference[] = [];
  for (const name of new Set([...left.keys(), ...right.keys()])) {
    const [a, b] = [left.get(name) ?? [], right.get(name) ?? []].map((list) => list.join('\n').trim());
    if (a !== b) result.push({ label: labelOf(form, name), mine: a ?? '', theirs: b ?? '' });
  }
  return result;
}

function labelOf(form: HTMLFormElement, name: string): string {
  const found = form.elements.namedItem(name);
  const control = found instanceof RadioNodeList ? found[0] : found;
  if (control instanceof HTMLInputElement || control instanceof HTMLTextAreaElement || control instanceof HTMLSelectElement) {
    const group = control.closest('fieldset')?.querySelector('legend');
    const label = control.type === 'radio' ? group : control.labels?.[0];
    const own = label?.querySelector('span') ?? label;
    const text = own?.textContent?.trim() ?? control.getAttribute('aria-label');
    if (text) return text;
  }
  return name;
}

/**
 * Rows one may add, remove and reorder, by keyboard too: the numbered questions.
 *
 *     <ol id="questions" data-repeat data-repeat-max="12" data-repeat-prefix="questions"> <li data-repeat-row>…</li> <template>…</template> </ol>
 *     <button type="button" data-repeat-add="questions">
 *
 * In a row: `data-repeat-remove`, `data-repeat-up`, `data-repeat-down` buttons and `[data-repeat-number]` for its number.
 * Rows with one common field name keep their order by themselves. With `data-repeat-prefix` the names are a Django
 * formset's (`questions-0-text`) and are numbered anew after every change, `TOTAL_FORMS` with them.
 * `__n__` (or Django's `__prefix__`) in the template becomes a number of its own.
 */

import { t } from '../i18n';
import { announce } from '../ui/announce';

const NAMED = ['id', 'name', 'for', 'aria-describedby', 'aria-labelledby', 'aria-controls'];
let made = 0;

export function rowsOf(group: Element): HTMLElement[] {
  return [...group.querySelectorAll<HTMLElement>(':scope > [data-repeat-row]')];
}

function renumber(group: HTMLElement): void {
  const rows = rowsOf(group);
  const prefix = group.dataset['repeatPrefix'];
  rows.forEach((row, i) => {
    for (const mark of row.querySelectorAll('[data-repeat-number]')) mark.textContent = String(i + 1);
    const set = (selector: string, off: boolean): void => {
      const button = row.querySelector<HTMLButtonElement>(selector);
      if (button) button.disabled = off;
    };
    set('[data-repeat-up]', i === 0);
    set('[data-repeat-down]', i === rows.length - 1);
    set('[data-repeat-remove]', rows.length <= Number(group.dataset['repeatMin'] ?? 1));
    if (prefix) renamePrefixed(row, prefix, i);
  });
  if (prefix) {
    const total = group.ownerDocument.querySelector<HTMLInputElement>(`input[name="${prefix}-TOTAL_FORMS"]`);
    if (total) total.value = String(rows.length);
  }
  const add = group.ownerDocument.querySelector<HTMLButtonElement>(`[data-repeat-add="${group.id}"]`);
  if (add) add.disabled = rows.length >= Number(group.dataset['repeatMax'] ?? 99);
}

function renamePrefixed(row: Element, prefix: string, index: number): void {
  const pattern = new RegExp(`(?<![A-Za-z0-9-])${prefix}-\\d+-`, 'g');
  for (const element of row.querySelectorAll('*')) {
    for (const attribute of NAMED) {
      const value = element.getAttribute(attribute);
      if (value?.includes(`${prefix}-`)) element.setAttribute(attribute, value.replace(pattern, `${prefix}-${index}-`));
    }
  }
}

/** Append an empty row; null when the group is full or has no template. */
export function addRow(group: HTMLElement): HTMLElement | null {
  const template = group.querySelector<HTMLTemplateElement>(':scope > template');
  const count = rowsOf(group).length;
  if (!template || count >= Number(group.dataset['repeatMax'] ?? 99)) return null;
  made += 1;
  const copy = template.content.cloneNode(true) as DocumentFragment;
  // Formset names start beyond every existing row and are numbered anew just below; other ids only need to be unique.
  const n = group.dataset['repeatPrefix'] ? String(1000 + made) : `new${made}`;
  for (const element of copy.querySelectorAll('*')) {
    for (const attribute of NAMED) {
      const value = element.getAttribute(attribute);
      if (value) element.setAttribute(attribute, value.replace(/__n__|__prefix__/g, n));
    }
  }
  const row = copy.querySelector<HTMLElement>('[data-repeat-row]');
  group.insertBefore(copy, template);
  renumber(group);
  return row;
}

/** Make sure the form has `count` controls called `name` (a draft with more rows than the page is being restored). */
export function ensureRows(form: HTMLFormElement, name: string, count: number): void {
  for (const group of form.querySelectorAll<HTMLElement>('[data-repeat]')) {
    const prefix = group.dataset['repeatPrefix'];
    if (prefix) {
      const index = new RegExp(`^${prefix}-(\\d+)-`).exec(name)?.[1];
      while (index !== undefined && rowsOf(group).length <= Number(index) && addRow(group));
      continue;
    }
    const template = group.querySelector<HTMLTemplateElement>(':scope > template');
    if (!template?.content.querySelector(`[name="${CSS.escape(name)}"]`)) continue;
    while (rowsOf(group).length < count && addRow(group));
  }
}

function changed(group: HTMLElement): void {
  renumber(group);
  group.dispatchEvent(new CustomEvent('rows-changed', { bubbles: true }));
}

const firstControl = (row: Element | null | undefined): HTMLElement | null =>
  row?.querySelector<HTMLElement>('textarea, input:not([type=hidden]), select') ?? null;

function onClick(event: MouseEvent): void {
  const button = event.target instanceof Element ? event.target.closest<HTMLElement>('button') : null;
  if (!button) return;
  const added = button.dataset['repeatAdd'];
  if (added !== undefined) {
    const group = document.getElementById(added);
    const row = group && addRow(group);
    if (!group || !row) return;
    changed(group);
    firstControl(row)?.focus();
    announce(t.rows.added(rowsOf(group).length));
    return;
  }
  const row = button.closest<HTMLElement>('[data-repeat-row]');
  const group = row?.closest<HTMLElement>('[data-repeat]');
  if (!row || !group) return;
  const position = rowsOf(group).indexOf(row);
  if ('repeatRemove' in button.dataset) {
    row.remove();
    changed(group);
    firstControl(rowsOf(group)[Math.max(0, position - 1)])?.focus();
    announce(t.rows.removed(position + 1));
  } else if ('repeatUp' in button.dataset || 'repeatDown' in button.dataset) {
    const up = 'repeatUp' in button.dataset;
    const other = rowsOf(group)[position + (up ? -1 : 1)];
    if (!other) return;
    group.insertBefore(row, up ? other : other.nextSibling);
    changed(group);
    // Moving the row took the focus away; at the end of the way its twin button is the one that still works.
    const twin = row.querySelector<HTMLButtonElement>(up ? '[data-repeat-down]' : '[data-repeat-up]');
    (button instanceof HTMLButtonElement && button.disabled ? twin : button)?.focus();
    announce(t.rows.moved(rowsOf(group).indexOf(row) + 1));
  }
}

export function startRepeatRows(): void {
  const number = (root: ParentNode): void => root.querySelectorAll<HTMLElement>('[data-repeat]').forEach(renumber);
  number(document);
  document.body.addEventListener('htmx:load', (event) => number(event.target as HTMLElement));
  document.addEventListener('click', onClick);
}

/** The shell: rail, menus, dialogs, search key, keyboard sheet. Everything works by delegation, so swapped-in HTML needs no set-up. */

const A_YEAR = 365 * 24 * 3600;

function toggleRail(button: HTMLElement): void {
  const shell = button.closest<HTMLElement>('[data-rail]');
  if (!shell) return;
  const narrow = shell.dataset['rail'] !== 'narrow';
  shell.dataset['rail'] = narrow ? 'narrow' : 'wide';
  button.setAttribute('aria-expanded', String(!narrow));
  // A cookie, not localStorage: the server draws the rail right the first time.
  document.cookie = `rail=${narrow ? 'narrow' : 'wide'};path=/;max-age=${A_YEAR};samesite=lax`;
}

export function openDialog(id: string): void {
  const dialog = document.getElementById(id);
  if (dialog instanceof HTMLDialogElement && !dialog.open) dialog.showModal();
}

export function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.matches('textarea, select, input:not([type=checkbox], [type=radio], [type=range])'))
  );
}

function onClick(event: MouseEvent): void {
  const target = event.target instanceof Element ? event.target : null;
  if (!target) return;
  const opener = target.closest<HTMLElement>('[data-opens]');
  if (opener?.dataset['opens']) openDialog(opener.dataset['opens']);
  if (target.closest('[data-closes]')) target.closest('dialog')?.close();
  if (target.matches('dialog')) {
    // A click on the dialog itself, not on what is in it, is a click on the backdrop.
    const box = target.getBoundingClientRect();
    const inside =
      event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
    if (!inside) (target as HTMLDialogElement).close();
  }
  const rail = target.closest<HTMLElement>('[data-rail-toggle]');
  if (rail) toggleRail(rail);
  if (target.closest('[data-print]')) window.print();
  for (const menu of document.querySelectorAll<HTMLDetailsElement>('details.menu[open]')) {
    if (!menu.contains(target) || opener) menu.open = false;
  }
}

function onKey(event: KeyboardEvent): void {
  if (event.key === 'Escape') {
    const menu = document.querySelector<HTMLDetailsElement>('details.menu[open]');
    if (menu) {
      menu.open = false;
      menu.querySelector('summary')?.focus();
    }
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  if (event.key === '/') {
    const search = document.querySelector<HTMLInputElement>('[data-search]');
    if (search) {
      event.preventDefault();
      search.focus();
      search.select();
    }
  }
  if (event.key === '?') openDialog('keyboard-sheet');
}

export function startShell(): void {
  document.addEventListener('click', onClick);
  document.addEventListener('keydown', onKey);
  document.querySelector<HTMLElement>('[data-focus-on-load]')?.focus();
}

/**
 * `<form data-autosave="URL" data-version="3" data-draft-key="request:…">` saves as one types.
 *
 * PUT form-encoded fields + `version` → `{"version": 4, "saved_at": "2026-11-24T14:03:00+07:00"}`; 409
 * `{"code", "text", "version", "values"}` shows both versions; 400/422 `{"code", "text"}`; 401 = signed out, as is
 * 403 `csrf.failed`; another 403 is a refusal.
 * Every save the server acknowledged is told as `autosaved` on the form, bubbling: what is shown of the saved draft refreshes.
 * Until the server has acknowledged, a copy stays in localStorage under the person's own key, and comes back after a reload. Copies
 * of other pages are sent when their author is next here, and when they sign out (`leaving.ts`).
 */

import { t } from '../../i18n';
import { announce } from '../../ui/announce';
import { toast } from '../../ui/toast';
import { csrfToken } from '../undo';
import { showConflict } from './conflict';
import { fieldsOf, readFields, writeFields } from './fields';
import { keep, keptKeys, ownPrefix, sendKept } from './kept';
import { leave } from './leaving';
import { Saver, type Draft, type Port, type SaveResult, type SaveState, type Values } from './saver';

const savers = new Map<HTMLFormElement, Saver>();
/** The person chose to sign out without what could not be sent: a late answer must not bring it back. */
let dropped = false;

const keyOf = (form: HTMLFormElement): string => ownPrefix() + (form.dataset['draftKey'] ?? form.dataset['autosave'] ?? '');

/** One save over HTTP, as a result and never as an exception. */
export async function putDraft(url: string, draft: Draft, get: typeof fetch = fetch): Promise<SaveResult> {
  const body = new URLSearchParams(draft.fields);
  body.set('version', String(draft.version));
  try {
    const response = await get(url, {
      method: 'PUT',
      body,
      headers: { 'X-CSRFToken': csrfToken(), Accept: 'application/json' },
      redirect: 'manual', // a redirect is the sign-in page
      keepalive: body.toString().length < 60_000, // survives the closing of the tab; browsers allow 64 KiB
    });
    if (response.type === 'opaqueredirect' || response.status === 401) return { kind: 'signed_out' };
    if (response.status >= 500 || response.status === 429) return { kind: 'unreachable' };
    const answer = (await response.json()) as {
      version: number;
      saved_at: string;
      code?: string;
      text?: string;
      values?: Values;
    };
    if (response.ok) return { kind: 'saved', version: answer.version, savedAt: answer.saved_at };
    // Another session's token: signing in again cures it. Any other 403 is a refusal with its reason.
    if (response.status === 403 && (answer.code ?? 'csrf.failed') === 'csrf.failed') return { kind: 'signed_out' };
    if (response.status === 409) {
      return { kind: 'conflict', version: answer.version, text: answer.text ?? t.autosave.conflict, values: answer.values ?? {} };
    }
    return { kind: 'refused', text: answer.text ?? t.autosave.refusedUnknown };
  } catch {
    return { kind: 'unreachable' };
  }
}

function sentence(state: SaveState): string {
  switch (state.kind) {
    case 'idle':
      return t.autosave.idle;
    case 'dirty':
      return t.autosave.dirty;
    case 'saving':
      return t.autosave.saving;
    case 'saved':
      return t.autosave.saved(state.at.slice(11, 16)); // the server's wall clock, which is the hospital's
    case 'offline':
      return t.autosave.offline;
    case 'signed_out':
      return t.autosave.signedOut;
    case 'refused':
      return t.autosave.refused(state.text);
    case 'conflict':
      return t.autosave.conflictState;
  }
}

/** Several places of one form may show the state: beside the title and beside the main button. */
function show(form: HTMLFormElement, saver: () => Saver, state: SaveState): void {
  for (const element of form.querySelectorAll<HTMLElement>('[data-autosave-state]')) {
    element.dataset['state'] = state.kind === 'signed_out' ? 'offline' : state.kind;
    element.textContent = sentence(state);
  }
  form.dataset['version'] = String(saver().version);
  const hidden = form.elements.namedItem('version');
  if (hidden instanceof HTMLInputElement) hidden.value = String(saver().version);
  if (state.kind === 'saved') form.dispatchEvent(new CustomEvent('autosaved', { bubbles: true }));
  if (state.kind === 'conflict') {
    const theirs = fieldsOf(state.values);
    showConflict(form, state.text, theirs, (keepMine) => {
      if (!keepMine) writeFields(form, theirs);
      saver().resolve(state.version, keepMine);
    });
  }
}

function attach(form: HTMLFormElement): void {
  const url = form.dataset['autosave'];
  if (!url || savers.has(form)) return;
  const key = keyOf(form);
  const port: Port = {
    read: () => readFields(form),
    send: (draft) => putDraft(url, draft),
    keep: (draft) => {
      if (!dropped) keep(key, url, draft);
    },
    show: (state) => show(form, () => saver, state),
    after: (ms, run) => {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
    random: Math.random,
  };
  const saver: Saver = new Saver(port, Number(form.dataset['version'] ?? 0));
  savers.set(form, saver);
  form.addEventListener('input', () => saver.changed());
  form.addEventListener('rows-changed', () => saver.changed());
  // Fields that came from the server may hold a choice nobody typed, made after the last save.
  form.addEventListener('htmx:afterSwap', (event) => {
    if ((event.target as Element).querySelector('[name]')) saver.changed();
  });
  form.addEventListener(
    'submit',
    (event) => {
      if (!saver.pending) return;
      // The last key strokes first: else the submit meets its own autosave and calls it a conflict.
      event.preventDefault();
      event.stopImmediatePropagation();
      const button = event.submitter;
      void saver.flush().then(() => {
        if (!saver.pending) form.requestSubmit(button instanceof HTMLElement ? button : null);
      });
    },
    { capture: true },
  );
  restore(form, saver, key);
}

function restore(form: HTMLFormElement, saver: Saver, key: string): void {
  const kept = localStorage.getItem(key);
  if (!kept) return;
  const draft = JSON.parse(kept) as Draft;
  const onPage = readFields(form);
  if (JSON.stringify(onPage) === JSON.stringify(draft.fields)) {
    localStorage.removeItem(key);
    return;
  }
  writeFields(form, draft.fields);
  if (draft.version < saver.version) {
    const theirs: Values = {};
    for (const [name, value] of onPage) {
      const before = theirs[name];
      theirs[name] = before === undefined ? value : Array.isArray(before) ? [...before, value] : [before, value];
    }
    saver.conflict(saver.version, t.autosave.conflict, theirs);
    return;
  }
  toast(t.autosave.restored, { icon: 'history' });
  announce(t.autosave.restored);
  saver.changed();
}

/** Save everything pending; true when nothing is left unacknowledged. */
export async function flushAll(): Promise<boolean> {
  await Promise.all([...savers.values()].map((saver) => saver.flush()));
  return [...savers.values()].every((saver) => !saver.pending);
}

function onSignOut(event: SubmitEvent): void {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || !('signOut' in form.dataset)) return;
  if (keptKeys(ownPrefix()).length === 0) return;
  event.preventDefault();
  void leave({
    send: () => flushAll().then(sendOthers),
    drop: () => {
      dropped = true;
      savers.clear();
    },
    go: () => form.submit(),
  });
}

/** Send what the person left on other pages; what this page shows is its savers' business. */
async function sendOthers(): Promise<void> {
  if (document.body.dataset['user']) await sendKept(putDraft, [...savers.keys()].map(keyOf));
}

/** On the sign-in page: say that somebody's drafts wait here, so that it is they who sign in. */
function tellKept(): void {
  const place = document.querySelector<HTMLElement>('[data-kept-drafts]');
  const count = keptKeys('draft:').length;
  if (!place || count === 0) return;
  place.textContent = t.leaving.waiting(count);
  place.hidden = false;
}

/** `<form data-flush-first>`, for signing: what is typed in other forms of the page goes first, or nothing is sent. */
function onFlushFirst(event: SubmitEvent): void {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || !('flushFirst' in form.dataset)) return;
  if (![...savers.values()].some((saver) => saver.pending)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const button = event.submitter;
  void flushAll().then((everything) => {
    if (everything) form.requestSubmit(button instanceof HTMLElement ? button : null);
    else toast(t.autosave.notYet, { icon: 'cloud-off' });
  });
}

export function startAutosave(): void {
  const attachAll = (root: ParentNode): void => {
    if (root instanceof HTMLFormElement && root.matches('[data-autosave]')) attach(root);
    root.querySelectorAll<HTMLFormElement>('form[data-autosave]').forEach(attach);
  };
  attachAll(document);
  void sendOthers();
  tellKept();
  document.body.addEventListener('htmx:load', (event) => attachAll(event.target as HTMLElement));
  document.body.addEventListener('htmx:beforeCleanupElement', (event) => {
    if (event.target instanceof HTMLFormElement) {
      void savers.get(event.target)?.flush();
      savers.delete(event.target);
    }
  });
  addEventListener('online', () => savers.forEach((saver) => saver.retryNow()));
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden') void flushAll();
  });
  document.addEventListener('keydown', (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 's' && savers.size > 0) {
      event.preventDefault();
      void flushAll();
    }
  });
  document.addEventListener('submit', onFlushFirst, { capture: true });
  document.addEventListener('submit', onSignOut);
}

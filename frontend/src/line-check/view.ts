/** The page of the line check: rows stand there already, made by the server; this fills them in. */

import { announce } from '../ui/announce';
import { icon, setText } from '../ui/dom';
import type { IconName } from '../ui/icons';
import { figuresText, fill, type Boot } from './boot';
import { KINDS, type Kind, type Outcome, type Step } from './outcome';
import { Run, type Outcomes, type Watcher } from './run';

const MARKS: Record<Step, IconName> = { good: 'circle-check', weak: 'triangle-alert', bad: 'circle-x', none: 'circle' };

interface Saved {
  readonly code: string;
  readonly verdict: string;
  readonly title: string;
  readonly text: string;
  readonly page_url: string;
  readonly report_url: string;
}

function part<T extends HTMLElement>(within: ParentNode, name: string): T {
  const found = within.querySelector<T>(`[data-part="${name}"]`);
  if (!found) throw new Error(`${name} is missing`);
  return found;
}

export class LineCheckPage implements Watcher {
  readonly video: HTMLVideoElement;
  private readonly start: HTMLButtonElement;
  private readonly progress: HTMLProgressElement;
  private readonly now: HTMLElement;
  private readonly verdict: HTMLElement;
  private readonly unsaved: HTMLElement;
  private outcomes: Outcomes = {};

  constructor(
    private readonly boot: Boot,
    private readonly place: HTMLElement,
  ) {
    this.video = part(place, 'video');
    this.start = part(place, 'start');
    this.progress = part(place, 'progress');
    this.now = part(place, 'now');
    this.verdict = part(place, 'verdict');
    this.unsaved = part(place, 'unsaved');
    this.start.addEventListener('click', () => void this.check());
    part(place, 'again').addEventListener('click', () => void this.check());
    part(place, 'send-again').addEventListener('click', () => void this.save());
    this.start.disabled = false;
  }

  began(kind: Kind): void {
    const row = this.row(kind);
    row.dataset['state'] = 'running';
    part(row, 'mark').replaceChildren(icon('loader-circle', 'spin'));
    setText(part(row, 'step'), this.boot.words['running'] ?? '');
    const place = KINDS.indexOf(kind);
    this.progress.value = place;
    setText(
      this.now,
      fill(this.boot.words['now'] ?? '', { n: place + 1, all: KINDS.length, what: part(row, 'label').textContent ?? '' }),
    );
  }

  ended(kind: Kind, { step, cause, figures }: Outcome): void {
    const row = this.row(kind);
    row.dataset['state'] = step;
    part(row, 'mark').replaceChildren(icon(MARKS[step]));
    setText(part(row, 'step'), this.boot.steps[step]);
    setText(part(row, 'figure'), figuresText(this.boot, figures));
    setText(part(row, 'todo'), this.boot.what_to_do[`${kind}.${cause}`] ?? '');
    this.progress.value = KINDS.indexOf(kind) + 1;
  }

  level(level: number): void {
    part<HTMLMeterElement>(this.place, 'level').value = level;
  }

  private async check(): Promise<void> {
    this.start.disabled = true;
    this.verdict.hidden = this.unsaved.hidden = true;
    part(this.place, 'bar').hidden = false;
    this.place.dataset['state'] = 'running';
    for (const kind of KINDS) this.clear(kind);
    this.outcomes = await new Run(this.boot, this).all();
    part(this.place, 'bar').hidden = true;
    this.place.dataset['state'] = 'done';
    this.start.disabled = false;
    this.start.hidden = true;
    await this.save();
  }

  private clear(kind: Kind): void {
    const row = this.row(kind);
    row.dataset['state'] = 'waiting';
    part(row, 'mark').replaceChildren(icon('circle'));
    for (const name of ['step', 'figure', 'todo']) setText(part(row, name), '');
  }

  private async save(): Promise<void> {
    this.unsaved.hidden = true;
    try {
      const response = await fetch(this.boot.save_url, {
        method: 'POST',
        headers: { 'X-CSRFToken': this.boot.csrf_token, 'Content-Type': 'application/json', Accept: 'application/json' },
        body: JSON.stringify({ outcomes: this.outcomes }),
      });
      if (response.ok) this.show((await response.json()) as Saved);
      else this.failed(((await response.json().catch(() => ({}))) as { text?: string }).text ?? '');
    } catch {
      this.failed('');
    }
  }

  /** The result could not be sent: what was found still stands on the page. */
  private failed(why: string): void {
    setText(part(this.unsaved, 'why'), why || (this.boot.words['unsaved'] ?? ''));
    this.unsaved.hidden = false;
    this.unsaved.focus();
  }

  private show({ code, verdict, title, text, page_url, report_url }: Saved): void {
    this.verdict.dataset['verdict'] = verdict;
    setText(part(this.verdict, 'title'), title);
    setText(part(this.verdict, 'text'), text);
    setText(part(this.verdict, 'code'), code);
    part<HTMLAnchorElement>(this.verdict, 'report').href = report_url;
    part<HTMLAnchorElement>(this.verdict, 'page').href = page_url;
    this.verdict.hidden = false;
    this.verdict.focus();
    announce(`${title}. ${text}`);
  }

  private row(kind: Kind): HTMLElement {
    const row = this.place.querySelector<HTMLElement>(`[data-check="${kind}"]`);
    if (!row) throw new Error(`no row for ${kind}`);
    return row;
  }
}

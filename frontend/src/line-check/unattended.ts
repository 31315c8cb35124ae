/**
 * A station that measures its own line: the socket stays open and is felt every quarter of a minute, so that breaks are seen, and once
 * an hour, in the minute that belongs to the site, the rates are measured. No camera, no microphone.
 */

import { startClock } from '../net/clock';
import { setText } from '../ui/dom';
import { figuresText, fill, type Boot } from './boot';
import { median } from './grade';
import { Line, Lost } from './line';
import { Gaps, nextAt } from './schedule';
import { downFrom, LIGHT, measure, upTo } from './transfer';

const PULSE_EVERY_MS = 15_000;
const PATIENCE_MS = 5_000;
const PULSES = 5;

export class UnattendedPage {
  private readonly line: Line;
  private readonly gaps = new Gaps();
  private due: number;
  private feltAt = -Infinity;
  private busy = false;
  /** The server went away by itself: until it is back, nothing is the line's fault. */
  private excused = false;
  /** The sign-in is over: nothing more can be kept until somebody signs in again. */
  private signedOut = false;

  constructor(
    private readonly boot: Boot,
    private readonly place: HTMLElement,
  ) {
    this.line = new Line(boot.socket_url);
    this.line.onbreak = (byServer) => {
      if (byServer) this.excused = true;
      else this.gaps.broke(Date.now());
    };
    this.due = Date.now(); // the first one at once, so that whoever sets it up sees that it works
  }

  run(): void {
    startClock(() => void this.tick());
  }

  private async tick(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    try {
      const now = Date.now();
      if (now - this.feltAt >= PULSE_EVERY_MS) await this.feel(now);
      if (this.line.open && now >= this.due) await this.measure(now);
    } finally {
      this.busy = false;
    }
  }

  private async feel(now: number): Promise<void> {
    this.feltAt = now;
    try {
      if (this.line.open) await this.line.pulse(PATIENCE_MS);
      else await this.line.connect(PATIENCE_MS);
      this.gaps.back(Date.now());
      this.excused = false;
      this.say('state', this.boot.words[this.signedOut ? 'signed_out' : 'connected'] ?? '');
    } catch (error) {
      this.line.close();
      if (!this.excused) this.gaps.broke(now);
      this.signedOut ||= error instanceof Lost && error.code === 'signed_out';
      this.say('state', this.boot.words[this.signedOut ? 'signed_out' : 'broken'] ?? '');
      this.place.dataset['state'] = 'broken';
      return;
    }
    this.place.dataset['state'] = 'connected';
  }

  private async measure(now: number): Promise<void> {
    this.due = nextAt(now, this.boot.minute);
    try {
      const times: number[] = [];
      for (let n = 0; n < PULSES; n += 1) times.push(await this.line.pulse(PATIENCE_MS));
      const rtt = median(times);
      const down = await measure(downFrom(this.boot.down_url), LIGHT, rtt);
      const up = await measure(upTo(this.boot.up_url, this.boot.csrf_token), LIGHT, rtt);
      const broken = this.gaps.take();
      const sample = {
        rtt_ms: Math.round(rtt),
        up_kbps: up === null ? null : Math.round(up),
        down_kbps: down === null ? null : Math.round(down),
        gaps: broken.count,
        gap_seconds: Math.round(broken.seconds),
      };
      if (!(await this.send(sample))) this.gaps.giveBack(broken);
      const { rtt_ms, up_kbps, down_kbps } = sample;
      const shown = Object.entries({ rtt_ms, up_kbps, down_kbps }).filter((one): one is [string, number] => one[1] !== null);
      this.say('last', fill(this.boot.words['last'] ?? '', { time: this.clock(now), what: figuresText(this.boot, Object.fromEntries(shown)) }));
    } catch {
      this.feltAt = -Infinity; // the line broke meanwhile: feel it at once; the next hour measures again
    }
    this.say('next', fill(this.boot.words['next'] ?? '', { time: this.clock(this.due) }));
  }

  private async send(sample: object): Promise<boolean> {
    const response = await fetch(this.boot.sample_url, {
      method: 'POST',
      headers: { 'X-CSRFToken': this.boot.csrf_token, 'Content-Type': 'application/json', Accept: 'application/json' },
      body: JSON.stringify(sample),
    });
    // An open socket outlives its sign-in; the page must not look as if it still measured.
    this.signedOut = response.status === 401 || response.status === 403;
    if (this.signedOut) this.say('state', this.boot.words['signed_out'] ?? '');
    return response.ok;
  }

  private clock(at: number): string {
    return new Intl.DateTimeFormat(this.boot.language, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(at);
  }

  private say(name: string, text: string): void {
    const element = this.place.querySelector(`[data-part="${name}"]`);
    if (element) setText(element, text);
  }
}

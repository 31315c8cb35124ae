/**
 * A station that measures its own line: it is felt every quarter of a minute, so that breaks are seen, and once an hour, in the minute
 * that belongs to the site, the rates are measured. No camera, no microphone, nobody signed in.
 */

import { startClock } from '../net/clock';
import { setText } from '../ui/dom';
import { figuresText, fill, type StationBoot } from './boot';
import { median } from './grade';
import { Lost } from './line';
import { Gaps, nextAt } from './schedule';
import type { StationLine } from './station';
import { downFrom, LIGHT, measure, upTo } from './transfer';

const PULSE_EVERY_MS = 15_000;
const PATIENCE_MS = 5_000;
const PULSES = 5;

export class UnattendedPage {
  private readonly gaps = new Gaps();
  private due = Date.now(); // the first one at once, so that whoever sets it up sees that it works
  private feltAt = -Infinity;
  private busy = false;
  private up = false;

  constructor(
    private readonly boot: StationBoot,
    private readonly line: StationLine,
    private readonly place: HTMLElement,
  ) {}

  run(): void {
    startClock(() => void this.tick());
  }

  private async tick(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    try {
      const now = Date.now();
      if (now - this.feltAt >= PULSE_EVERY_MS) await this.feel(now);
      if (this.up && now >= this.due) await this.measure(now);
    } finally {
      this.busy = false;
    }
  }

  private async feel(now: number): Promise<void> {
    this.feltAt = now;
    const again = this.place.querySelector<HTMLElement>('[data-part="again"]');
    try {
      await this.line.pulse(PATIENCE_MS);
      this.gaps.back(Date.now());
      this.up = true;
      this.say('state', fill(this.boot.words['connected'] ?? '', { ...this.line.site }));
    } catch (error) {
      const why = error instanceof Lost ? error.code : 'silent';
      this.up = false;
      if (why === 'silent') this.gaps.broke(now);
      this.say('state', this.boot.words[why === 'unknown' ? 'unknown' : 'broken'] ?? '');
      if (again) again.hidden = why !== 'unknown';
    }
    this.place.dataset['state'] = this.up ? 'connected' : 'broken';
  }

  private async measure(now: number): Promise<void> {
    this.due = nextAt(now, this.line.site?.minute ?? 0);
    try {
      const times: number[] = [];
      for (let n = 0; n < PULSES; n += 1) times.push(await this.line.pulse(PATIENCE_MS));
      const rtt = median(times);
      const down = await measure(downFrom(this.boot.down_url, this.line.headers), LIGHT, rtt);
      const up = await measure(upTo(this.boot.up_url, this.line.headers), LIGHT, rtt);
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
      headers: { ...this.line.headers, 'Content-Type': 'application/json', Accept: 'application/json' },
      credentials: 'omit',
      body: JSON.stringify(sample),
    });
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

/** When a station measures, and how its breaks are counted. Pure: milliseconds of the Unix epoch come in. */

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** The next moment after `now` at that minute of an hour (time zones here are whole hours apart). */
export function nextAt(now: number, minute: number): number {
  const at = Math.floor(now / HOUR_MS) * HOUR_MS + minute * MINUTE_MS;
  return at > now ? at : at + HOUR_MS;
}

export interface Broken {
  readonly count: number;
  readonly seconds: number;
}

export class Gaps {
  private brokeAt: number | null = null;
  private count = 0;
  private seconds = 0;

  /** The line is gone; again while it is gone counts once. */
  broke(now: number): void {
    this.brokeAt ??= now;
  }

  /** The line is there. */
  back(now: number): void {
    if (this.brokeAt === null) return;
    this.count += 1;
    this.seconds += Math.max(0, now - this.brokeAt) / 1000;
    this.brokeAt = null;
  }

  /** What broke and came back since the last time asked. */
  take(): Broken {
    const broken = { count: this.count, seconds: this.seconds };
    this.count = this.seconds = 0;
    return broken;
  }

  /** It could not be told: tell it next time. */
  giveBack({ count, seconds }: Broken): void {
    this.count += count;
    this.seconds += seconds;
  }
}

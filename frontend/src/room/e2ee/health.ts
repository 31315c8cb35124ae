/** Whether what arrives on one line can be read. Pure: time in ms comes in. */

const UNREADABLE_MS = 3_000;
const RECENT_MS = 1_500;

export class Health {
  /** Frames that could not be opened and were dropped. */
  dropped = 0;
  private since: number | null = null;
  private last = -Infinity;

  opened(): void {
    this.since = null;
  }

  failed(now: number): void {
    this.dropped++;
    // After a silence one counts anew.
    if (now - this.last > RECENT_MS) this.since = null;
    this.since ??= now;
    this.last = now;
  }

  /** For three seconds nothing of what came could be read, and it still comes. */
  unreadable(now: number): boolean {
    return this.since !== null && now - this.since >= UNREADABLE_MS && now - this.last <= RECENT_MS;
  }

  /** Whether the last frame could not be read. */
  get failing(): boolean {
    return this.since !== null;
  }
}

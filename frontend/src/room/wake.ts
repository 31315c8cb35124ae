/** Notices that the machine or the page has slept: time has passed and nobody looked at the clock. */

const SLEPT_MS = 8_000;

export class Wakefulness {
  private lastAt: number | null = null;

  constructor(private readonly woke: () => void) {}

  /** Called several times a second, in a hidden tab too. */
  tick(now: number): void {
    const slept = this.lastAt !== null && now - this.lastAt > SLEPT_MS;
    this.lastAt = now;
    if (slept) this.woke();
  }
}

/** Keeps the screen on during the call: a tablet beside a patient must not go dark. Where it cannot, nothing is lost. */
export class Awake {
  private wanted = false;
  private lock: WakeLockSentinel | null = null;

  constructor() {
    // The browser lets go of the lock whenever the page is hidden.
    document.addEventListener('visibilitychange', () => void this.take());
  }

  want(wanted: boolean): void {
    if (wanted === this.wanted) return;
    this.wanted = wanted;
    if (wanted) void this.take();
    else void this.lock?.release();
  }

  private async take(): Promise<void> {
    const { wakeLock } = navigator as { wakeLock?: WakeLock };
    if (!this.wanted || !wakeLock || document.visibilityState !== 'visible') return;
    try {
      this.lock = await wakeLock.request('screen');
    } catch {
      // Battery saver or policy: the call goes on, the screen may sleep.
    }
  }
}

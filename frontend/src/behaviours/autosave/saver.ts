/**
 * When to save, and what a failure means. No DOM, no network, no clock of its own: the form is behind `Port`.
 *
 * Promise: what was typed is either acknowledged by the server or kept as a local draft.
 */

export type Fields = [name: string, value: string][];
export type Values = Record<string, string | string[]>;

export interface Draft {
  version: number;
  fields: Fields;
}

export type SaveResult =
  | { kind: 'saved'; version: number; savedAt: string }
  | { kind: 'conflict'; version: number; text: string; values: Values }
  | { kind: 'refused'; text: string }
  | { kind: 'signed_out' }
  | { kind: 'unreachable' };

export type SaveState =
  | { kind: 'idle' | 'dirty' | 'saving' | 'offline' | 'signed_out' }
  | { kind: 'saved'; at: string }
  | { kind: 'refused'; text: string }
  | { kind: 'conflict'; text: string; version: number; values: Values };

export interface Port {
  read(): Fields;
  send(draft: Draft): Promise<SaveResult>;
  /** Keep the draft on this device, or forget it (null). */
  keep(draft: Draft | null): void;
  show(state: SaveState): void;
  /** Run later; the returned function cancels. */
  after(milliseconds: number, run: () => void): () => void;
  /** In [0, 1): full jitter, so that a ward's PCs do not come back all at once. */
  random(): number;
}

export const DEBOUNCE_MS = 800;
const RETRY_FIRST_MS = 2_000;
const RETRY_MOST_MS = 30_000;

export class Saver {
  private dirty = false;
  private inFlight: Promise<void> | null = null;
  private failures = 0;
  private cancelTimer: () => void = () => {};
  private stopped = false;

  constructor(
    private readonly port: Port,
    public version: number,
  ) {}

  /** True while something typed is not yet acknowledged. */
  get pending(): boolean {
    return this.dirty || this.inFlight !== null;
  }

  /** Something was typed. */
  changed(): void {
    this.dirty = true;
    this.port.keep({ version: this.version, fields: this.port.read() });
    if (this.stopped) return;
    this.port.show({ kind: 'dirty' });
    this.schedule(DEBOUNCE_MS);
  }

  /** Save what is pending now; resolves when the attempt is over, whether it worked or not. */
  async flush(): Promise<void> {
    this.cancelTimer();
    if (this.inFlight) await this.inFlight;
    if (!this.dirty || this.stopped) return;
    this.inFlight = this.attempt().finally(() => (this.inFlight = null));
    await this.inFlight;
  }

  /** The network is back, or the person signed in again: try now. */
  retryNow(): void {
    if (this.dirty) void this.flush();
  }

  /** The person chose between two versions; theirs became `version`. */
  resolve(version: number, keepMine: boolean): void {
    this.version = version;
    this.stopped = false;
    this.dirty = keepMine;
    if (keepMine) {
      this.port.keep({ version, fields: this.port.read() });
      void this.flush();
    } else {
      this.port.keep(null);
      this.port.show({ kind: 'idle' });
    }
  }

  /** The server has something newer than the draft: nothing is sent until the person has chosen. */
  conflict(version: number, text: string, values: Values): void {
    this.stopped = true;
    this.dirty = true;
    this.cancelTimer();
    this.port.show({ kind: 'conflict', text, version, values });
  }

  private async attempt(): Promise<void> {
    this.dirty = false;
    this.port.show({ kind: 'saving' });
    const draft: Draft = { version: this.version, fields: this.port.read() };
    this.settle(await this.port.send(draft), draft);
  }

  private settle(result: SaveResult, sent: Draft): void {
    if (result.kind === 'saved') {
      this.version = result.version;
      this.failures = 0;
      // Typed meanwhile: the draft lives on under the new version, so that a reload restores it instead of a conflict.
      this.port.keep(this.dirty ? { version: this.version, fields: this.port.read() } : null);
      this.port.show({ kind: 'saved', at: result.savedAt });
      if (this.dirty) this.schedule(DEBOUNCE_MS);
      return;
    }
    this.dirty = true;
    this.port.keep({ version: sent.version, fields: this.port.read() });
    switch (result.kind) {
      case 'conflict':
        this.conflict(result.version, result.text, result.values);
        break;
      case 'refused':
        // Sending the same again would be refused again: wait for the next key stroke.
        this.port.show({ kind: 'refused', text: result.text });
        break;
      case 'signed_out':
        this.port.show({ kind: 'signed_out' });
        this.retryLater();
        break;
      case 'unreachable':
        this.port.show({ kind: 'offline' });
        this.retryLater();
        break;
    }
  }

  private retryLater(): void {
    this.failures += 1;
    const ceiling = Math.min(RETRY_MOST_MS, RETRY_FIRST_MS * 2 ** (this.failures - 1));
    this.schedule(500 + this.port.random() * ceiling);
  }

  private schedule(milliseconds: number): void {
    this.cancelTimer();
    this.cancelTimer = this.port.after(milliseconds, () => void this.flush());
  }
}

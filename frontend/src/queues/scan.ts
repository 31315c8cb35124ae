/** A scanner that types: keys that come much faster than a person's, ended by Enter or Tab. Pure but for what it calls. */

const FAST_MS = 50;
const SHORTEST = 6;

export class Wedge {
  private text = '';
  private at = -Infinity;

  constructor(private readonly scanned: (text: string) => void) {}

  /** Take a key; true when it belongs to a scan and means nothing else. */
  key(key: string, now: number): boolean {
    const fast = now - this.at < FAST_MS;
    this.at = now;
    if (key === 'Enter' || key === 'Tab') {
      const text = this.text;
      this.text = '';
      if (!fast || text.length < SHORTEST) return false;
      this.scanned(text);
      return true;
    }
    if (key.length !== 1) return false;
    this.text = fast ? this.text + key : key;
    // The first two keys may still be a person's; a third at this speed is not.
    return this.text.length > 2;
  }
}

/**
 * Is it a keyboard-wedge reader or a person who types? Pure: keys with their times in, a verdict out.
 *
 * A reader sends characters a few milliseconds apart and then Enter; nobody types eight characters a second and keeps it up.
 * Verdicts come at Enter only, so that typing is never swallowed.
 */

/** Milliseconds between two keys of one burst. Slow Bluetooth readers need about 50; one late key must not split a code. */
export const LONGEST_GAP = 120;
/** Milliseconds between keys on average. The fastest typists need more than 60 over a whole word. */
export const MEAN_GAP = 35;
/** Milliseconds from the last character to Enter. */
export const ENTER_GAP = 300;
/** Characters. The shortest code, a ticket's, has as many; a person's short word never decides. */
export const SHORTEST = 6;

export class Wedge {
  private characters: string[] = [];
  private first = 0;
  private last = 0;

  /** A character arrived. */
  character(at: number, character: string): void {
    if (this.characters.length > 0 && at - this.last > LONGEST_GAP) this.clear();
    if (this.characters.length === 0) this.first = at;
    this.characters.push(character);
    this.last = at;
  }

  /** Backspace: a Vietnamese keyboard takes back what it is about to write with its mark. */
  takeBack(at: number): void {
    this.characters.pop();
    this.last = at;
  }

  /** Whether a burst is running that may become a scan: page shortcuts must not fire in the middle of one. */
  running(at: number): boolean {
    return this.characters.length >= 3 && at - this.last <= LONGEST_GAP && this.mean() <= MEAN_GAP;
  }

  /** Enter or Tab arrived: returns what was scanned, or null when a person typed. */
  end(at: number): string | null {
    const scanned =
      this.characters.length >= SHORTEST && at - this.last <= ENTER_GAP && this.mean() <= MEAN_GAP
        ? this.characters.join('')
        : null;
    this.clear();
    return scanned;
  }

  clear(): void {
    this.characters = [];
  }

  private mean(): number {
    return (this.last - this.first) / Math.max(1, this.characters.length - 1);
  }
}

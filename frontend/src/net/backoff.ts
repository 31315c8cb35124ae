/** Full jitter (AWS builders' library): any wait up to the ceiling, so that a restarted server is not met by a wave. */
export class Backoff {
  private failures = 0;

  constructor(
    private readonly random: () => number,
    private readonly firstMs = 500,
    private readonly mostMs = 15_000,
  ) {}

  /** Milliseconds until the next try, counting this call as one failure. At least `atLeastMs`. */
  next(atLeastMs = 0): number {
    const ceiling = Math.min(this.mostMs, this.firstMs * 2 ** this.failures);
    this.failures += 1;
    return atLeastMs + this.random() * ceiling;
  }

  reset(): void {
    this.failures = 0;
  }
}

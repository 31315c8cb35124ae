/** The line check's WebSocket (`signaling/protocol/line_check.py`): a pulse to time, and offers of the relay that echoes. */

export class Lost extends Error {
  constructor(readonly code: string) {
    super(code);
  }
}

type Told =
  | { type: 'ready' }
  | { type: 'pong'; n: number }
  | { type: 'echo_offer'; connection_id: string; sdp: string }
  | { type: 'echo_up'; connection_id: string }
  | { type: 'echo_lost'; connection_id: string; code: string };

/** Service restart and try again later (`signaling/protocol/closing.py`). */
const GOODBYES = new Set([1012, 1013]);

interface Waiting {
  readonly fits: (told: Told) => boolean;
  readonly resolve: (told: Told) => void;
  readonly reject: (why: Lost) => void;
}

export class Line {
  private socket: WebSocket | null = null;
  private readonly waiting = new Set<Waiting>();
  private count = 0;
  /** Called when an open line breaks; `byServer`: the server said goodbye, the line is not to blame. */
  onbreak: (byServer: boolean) => void = () => {};

  constructor(private readonly path: string) {}

  get open(): boolean {
    return this.socket?.readyState === WebSocket.OPEN;
  }

  /** Open the socket and wait until the server has let us in; the milliseconds it took. Throws `Lost`. */
  async connect(patienceMs: number): Promise<number> {
    this.close();
    const began = performance.now();
    const url = new URL(this.path, location.href);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    const socket = new WebSocket(url);
    this.socket = socket;
    socket.onmessage = (event) => this.hear(JSON.parse(String(event.data)) as Told);
    socket.onclose = (event) => {
      if (this.socket !== socket) return;
      this.socket = null;
      for (const one of [...this.waiting]) one.reject(new Lost(event.code === 4401 ? 'signed_out' : 'closed'));
      this.onbreak(GOODBYES.has(event.code));
    };
    await this.until((told) => told.type === 'ready', patienceMs);
    return performance.now() - began;
  }

  /** Milliseconds of one round trip. Throws `Lost`. */
  async pulse(patienceMs: number): Promise<number> {
    const n = (this.count += 1);
    const began = performance.now();
    this.send({ type: 'ping', n });
    await this.until((told) => told.type === 'pong' && told.n === n, patienceMs);
    return performance.now() - began;
  }

  /** The relay's offer. Throws `Lost` with the relay's code. */
  async join(id: string, patienceMs: number): Promise<string> {
    this.send({ type: 'echo_join', connection_id: id });
    const told = await this.until((one) => one.type === 'echo_offer' && one.connection_id === id, patienceMs, id);
    return told.type === 'echo_offer' ? told.sdp : '';
  }

  answer(id: string, sdp: string): void {
    this.send({ type: 'echo_answer', connection_id: id, sdp });
  }

  leave(id: string): void {
    if (this.open) this.send({ type: 'echo_leave', connection_id: id });
  }

  close(): void {
    const socket = this.socket;
    this.socket = null;
    socket?.close();
    for (const one of [...this.waiting]) one.reject(new Lost('closed'));
  }

  private send(message: object): void {
    if (!this.open) throw new Lost('closed');
    this.socket?.send(JSON.stringify(message));
  }

  private hear(told: Told): void {
    for (const one of [...this.waiting]) if (one.fits(told)) one.resolve(told);
  }

  private until(fits: (told: Told) => boolean, patienceMs: number, id = ''): Promise<Told> {
    return new Promise((resolve, reject) => {
      const done = (): void => {
        clearTimeout(timer);
        this.waiting.delete(entry);
      };
      const entry: Waiting = {
        fits: (told) => fits(told) || (told.type === 'echo_lost' && told.connection_id === id),
        resolve: (told) => {
          done();
          if (told.type === 'echo_lost') reject(new Lost(told.code));
          else resolve(told);
        },
        reject: (why) => {
          done();
          reject(why);
        },
      };
      const timer = setTimeout(() => entry.reject(new Lost('silent')), patienceMs);
      this.waiting.add(entry);
    });
  }
}

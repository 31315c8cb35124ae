/**
 * Seals every frame that leaves this machine and opens every frame that arrives. Keys live here and nowhere else.
 *
 * A frame that cannot be sealed is not sent, one that cannot be opened is not played: nothing ever passes in the clear.
 */

import type { Bytes } from './bytes';
import { NO_ENCRYPTION, type FromWorker, type LineOptions, type ToWorker } from './channel';
import { open, readLabel, type FrameKind } from './frame';
import { Health } from './health';
import { Keyring, type KeyStatus } from './keyring';

interface Frame {
  data: ArrayBuffer;
}
interface Transformer {
  readonly readable: ReadableStream<Frame>;
  readonly writable: WritableStream<Frame>;
  readonly options: LineOptions;
  sendKeyFrameRequest?(): Promise<void>;
}
type Step = (frame: Frame, next: TransformStreamDefaultController<Frame>) => Promise<void>;

/** A key on its way is worth a short wait: dropping a picture's frame costs a key frame. */
const WAIT_FOR_KEY_MS = 400;
const TICK_MS = 500;

const tell = (message: FromWorker): void => postMessage(message);
const healths = new Map<string, Health>();
let keyring: Promise<Keyring> | null = null;
let keys: KeyStatus = NO_ENCRYPTION;
let told = '';

function report(): void {
  const now = performance.now();
  const unreadable = [...healths].filter(([, health]) => health.unreadable(now)).map(([line]) => line);
  const dropped = [...healths.values()].reduce((sum, health) => sum + health.dropped, 0);
  const status = { ...keys, unreadable, dropped };
  const text = JSON.stringify(status);
  if (text !== told) tell({ say: 'status', status });
  told = text;
}

function begin(room: string): void {
  keyring = Keyring.create(room, {
    send: (message) => tell({ say: 'send', message }),
    random: (bytes) => crypto.getRandomValues(new Uint8Array(bytes)),
    changed: (status) => {
      keys = status;
      report();
    },
  });
  setInterval(() => {
    const now = performance.now();
    const unreadable = [...healths.values()].some((health) => health.unreadable(now));
    void keyring?.then((ring) => ring.tick(now, unreadable));
    report();
  }, TICK_MS);
}

const sealing = (kind: FrameKind): Step => async (frame, next) => {
  const ring = await keyring;
  if (!ring) return;
  frame.data = (await ring.seal(kind, new Uint8Array(frame.data))).buffer;
  next.enqueue(frame);
};

function opening(kind: FrameKind, line: string, transformer: Transformer): Step {
  const health = healths.get(line) ?? new Health();
  healths.set(line, health);
  return async (frame, next) => {
    const plain = await opened(kind, new Uint8Array(frame.data), health);
    if (!plain) return health.failed(performance.now());
    if (health.failing && kind === 'video') void transformer.sendKeyFrameRequest?.().catch(() => {});
    health.opened();
    frame.data = plain.buffer;
    next.enqueue(frame);
  };
}

async function opened(kind: FrameKind, frame: Bytes, health: Health): Promise<Bytes | null> {
  const ring = await keyring;
  const label = readLabel(frame);
  if (!ring || !label) return null;
  let key = await ring.find(label);
  if (!key && !health.failing) {
    await Promise.race([ring.nextChain(), new Promise((resolve) => setTimeout(resolve, WAIT_FOR_KEY_MS))]);
    key = await ring.find(label);
  }
  if (!key) return null;
  try {
    const plain = await open(kind, frame, key, label);
    await ring.confirm(label, key);
    return plain;
  } catch {
    return null;
  }
}

addEventListener('message', ({ data }: MessageEvent<ToWorker>) => {
  switch (data.do) {
    case 'begin':
      return begin(data.room);
    case 'follow':
      return void keyring?.then((ring) => ring.follow(data.members));
    case 'heard':
      return void keyring?.then((ring) => ring.heard(data.message));
    case 'reconnected':
      return void keyring?.then((ring) => ring.reconnected());
  }
});

addEventListener('rtctransform', (event) => {
  const { transformer } = event as Event & { readonly transformer: Transformer };
  const { options } = transformer;
  const step = options.operation === 'seal' ? sealing(options.kind) : opening(options.kind, options.line, transformer);
  void transformer.readable
    .pipeThrough(new TransformStream<Frame, Frame>({ transform: step }))
    .pipeTo(transformer.writable)
    .catch(() => {}); // the line was closed
});

tell({ say: 'ready' });

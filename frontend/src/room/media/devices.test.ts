import { describe, expect, test } from 'vitest';

import { acquire, causeOf } from './devices';

type Ask = MediaStreamConstraints;

const error = (name: string): DOMException => new DOMException('no', name);

/** A machine that answers each kind with a track or an error; `together` overrides asking for both at once. */
function machine(audio: string | DOMException, video: string | DOMException, asked: Ask[] = [], missing: string[] = []) {
  return async (constraints: Ask): Promise<MediaStream> => {
    asked.push(constraints);
    const tracks: MediaStreamTrack[] = [];
    for (const [kind, have] of [
      ['audio', audio],
      ['video', video],
    ] as const) {
      const wish = constraints[kind];
      if (!wish) continue;
      if (have instanceof DOMException) throw have;
      const id = typeof wish === 'object' ? (wish.deviceId as ConstrainDOMStringParameters | undefined)?.exact : undefined;
      if (id && missing.includes(String(id))) throw error('OverconstrainedError');
      tracks.push({ kind, id: have } as MediaStreamTrack);
    }
    return {
      getTracks: () => tracks,
      getAudioTracks: () => tracks.filter((one) => one.kind === 'audio'),
      getVideoTracks: () => tracks.filter((one) => one.kind === 'video'),
    } as MediaStream;
  };
}

const BOTH = { microphone: true, camera: true };

describe('acquire', () => {
  test('asks once for both', async () => {
    const asked: Ask[] = [];
    const got = await acquire(BOTH, machine('mic', 'cam', asked));
    expect([got.microphone?.id, got.camera?.id, got.causes, asked.length]).toEqual(['mic', 'cam', {}, 1]);
  });

  test('without a camera there is still sound, and the cause is known', async () => {
    const got = await acquire(BOTH, machine('mic', error('NotFoundError')));
    expect([got.microphone?.id, got.camera, got.causes]).toEqual(['mic', null, { camera: 'missing' }]);
  });

  test('a camera held by another program does not take the microphone away', async () => {
    const got = await acquire(BOTH, machine('mic', error('NotReadableError')));
    expect([got.microphone?.id, got.causes]).toEqual(['mic', { camera: 'in_use' }]);
  });

  test('with neither one still enters', async () => {
    const got = await acquire(BOTH, machine(error('NotAllowedError'), error('NotAllowedError')));
    expect(got).toEqual({ microphone: null, camera: null, causes: { microphone: 'denied', camera: 'denied' } });
  });

  test('a remembered device that is unplugged gives way to any other', async () => {
    const asked: Ask[] = [];
    const got = await acquire({ microphone: true, camera: false, microphoneId: 'gone' }, machine('mic', 'cam', asked, ['gone']));
    expect(got.microphone?.id).toBe('mic');
    expect(asked).toHaveLength(2);
  });

  test('only what is wanted is asked for', async () => {
    const asked: Ask[] = [];
    await acquire({ microphone: false, camera: true }, machine('mic', 'cam', asked));
    expect(asked.map((one) => Object.keys(one))).toEqual([['video']]);
  });

  test('without HTTPS browsers have no devices to ask for', async () => {
    expect((await acquire(BOTH, undefined)).causes).toEqual({ microphone: 'insecure', camera: 'insecure' });
  });
});

test.each([
  ['NotAllowedError', 'denied'],
  ['NotFoundError', 'missing'],
  ['OverconstrainedError', 'missing'],
  ['NotReadableError', 'in_use'],
  ['AbortError', 'in_use'],
  ['TypeError', 'failed'],
])('%s means %s', (name, cause) => {
  expect(causeOf(error(name))).toBe(cause);
});

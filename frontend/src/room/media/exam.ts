/** The microphone on the patient's chest: what is a disturbance in talk is the sound one listens for there. */

/** Nothing filtered, one channel, the whole band. `ideal`, so that a microphone that knows less is taken all the same. */
export const AUSCULTATION: MediaTrackConstraints = {
  echoCancellation: false,
  noiseSuppression: false,
  autoGainControl: false,
  channelCount: { ideal: 1 },
  sampleRate: { ideal: 48_000 },
};

/** A second camera, a scope or a capture card: as sharp as it gives, few pictures a second are enough. */
export const EXAM_PICTURE: MediaTrackConstraints = {
  width: { ideal: 1920 },
  height: { ideal: 1080 },
  frameRate: { ideal: 15, max: 30 },
};

/** What the media server would have to ask of Opus (RFC 7587 §6.1) for the sound of a body. */
const WHOLE_SOUND: Readonly<Record<string, string>> = {
  // Between two heartbeats nothing is left out: what is faint is what is listened for.
  usedtx: '0',
  // Not for a second channel: browsers code one channel as a voice, which takes the low tones away, and two as music, which does not.
  stereo: '1',
};

/** The server's offer, asking of the microphone's line (`m`) the whole sound instead of a voice. */
export function forAuscultation(offer: string): string {
  return offer
    .split(/(?=^m=)/m)
    .map((section) => (/^a=mid:m\s*$/m.test(section) ? wholeSound(section) : section))
    .join('');
}

function wholeSound(section: string): string {
  const opus = /^a=rtpmap:(\d+) opus\//im.exec(section)?.[1];
  return section.replace(new RegExp(`^(a=fmtp:${opus} )(\\S+)`, 'm'), (_, start: string, parameters: string) => {
    const kept = parameters.split(';').filter((one) => !((one.split('=')[0] ?? '') in WHOLE_SOUND));
    return start + [...kept, ...Object.entries(WHOLE_SOUND).map(([name, value]) => `${name}=${value}`)].join(';');
  });
}

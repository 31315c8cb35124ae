import { expect, test } from 'vitest';

import { forAuscultation } from './exam';

const lines = (...all: string[]): string => all.join('\r\n') + '\r\n';

const offer = (microphone: string): string =>
  lines(
    'v=0',
    'm=audio 9 UDP/TLS/RTP/SAVPF 112 111',
    'a=mid:m',
    'a=rtpmap:112 red/48000/2',
    'a=fmtp:112 111/111',
    'a=rtpmap:111 opus/48000/2',
    `a=fmtp:111 ${microphone}`,
    'm=video 9 UDP/TLS/RTP/SAVPF 96',
    'a=mid:c',
    'a=rtpmap:96 VP8/90000',
    'm=audio 9 UDP/TLS/RTP/SAVPF 112 111',
    'a=mid:a0',
    'a=rtpmap:111 opus/48000/2',
    'a=fmtp:111 minptime=10;useinbandfec=1;usedtx=1;stereo=0;sprop-stereo=0',
  );

test('listening to a body, no pause is left out of the microphone and nothing is coded as a voice; other lines stay', () => {
  expect(forAuscultation(offer('minptime=10;useinbandfec=1;usedtx=1;stereo=0;sprop-stereo=0'))).toBe(
    offer('minptime=10;useinbandfec=1;sprop-stereo=0;usedtx=0;stereo=1'),
  );
});

test('an offer without Opus, or without a microphone, stays as it is', () => {
  const without = lines('v=0', 'm=audio 9 UDP/TLS/RTP/SAVPF 0', 'a=mid:m', 'a=rtpmap:0 PCMU/8000');
  expect(forAuscultation(without)).toBe(without);
  expect(forAuscultation('offer c1')).toBe('offer c1');
});

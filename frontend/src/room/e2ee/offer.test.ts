import { expect, test } from 'vitest';

import { encryptableOffer } from './offer';

const lines = (...all: string[]): string => all.join('\r\n') + '\r\n';

test('Opus, VP8 and its retransmissions stay in the offer, everything else goes', () => {
  const offer = lines(
    'v=0',
    'a=group:BUNDLE m c',
    'm=audio 9 UDP/TLS/RTP/SAVPF 112 111',
    'a=mid:m',
    'a=rtpmap:112 red/48000/2',
    'a=rtcp-fb:112 nack',
    'a=fmtp:112 111/111',
    'a=rtpmap:111 opus/48000/2',
    'a=rtcp-fb:111 transport-cc',
    'a=fmtp:111 minptime=10;useinbandfec=1',
    'm=video 9 UDP/TLS/RTP/SAVPF 96 102 98 97 103 99',
    'a=mid:c',
    'a=extmap:10 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id',
    'a=rtpmap:96 VP8/90000',
    'a=rtcp-fb:96 nack pli',
    'a=rtpmap:97 rtx/90000',
    'a=fmtp:97 apt=96',
    'a=rtpmap:102 H264/90000',
    'a=fmtp:102 packetization-mode=1',
    'a=rtpmap:103 rtx/90000',
    'a=fmtp:103 apt=102',
    'a=rtpmap:98 VP9/90000',
    'a=rtpmap:99 rtx/90000',
    'a=fmtp:99 apt=98',
    'a=simulcast:recv q;h;f',
  );
  expect(encryptableOffer(offer)).toBe(
    lines(
      'v=0',
      'a=group:BUNDLE m c',
      'm=audio 9 UDP/TLS/RTP/SAVPF 111',
      'a=mid:m',
      'a=rtpmap:111 opus/48000/2',
      'a=rtcp-fb:111 transport-cc',
      'a=fmtp:111 minptime=10;useinbandfec=1',
      'm=video 9 UDP/TLS/RTP/SAVPF 96 97',
      'a=mid:c',
      'a=extmap:10 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id',
      'a=rtpmap:96 VP8/90000',
      'a=rtcp-fb:96 nack pli',
      'a=rtpmap:97 rtx/90000',
      'a=fmtp:97 apt=96',
      'a=simulcast:recv q;h;f',
    ),
  );
});

test('an offer that holds nothing else stays as it is', () => {
  const offer = lines('v=0', 'm=audio 9 UDP/TLS/RTP/SAVPF 111', 'a=rtpmap:111 opus/48000/2');
  expect(encryptableOffer(offer)).toBe(offer);
});

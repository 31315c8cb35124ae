/**
 * What may be sent in an encrypted room: Opus and VP8. Pure.
 *
 * RED is taken apart and put together by the relay, which cannot read it here; of the pictures only VP8 can be forwarded by its first
 * bytes. The other codecs are taken out of the offer rather than left out of the answer: a browser may send what it was offered.
 */

const KEPT: Readonly<Record<string, readonly string[]>> = { audio: ['opus'], video: ['vp8'] };

/** The server's offer without the codecs that do not go together with encryption. */
export function encryptableOffer(sdp: string): string {
  const [head = '', ...sections] = sdp.split(/(?=^m=)/m);
  return head + sections.map(encryptable).join('');
}

function encryptable(section: string): string {
  const kept = KEPT[/^m=(\w+)/.exec(section)?.[1] ?? ''];
  if (!kept) return section;
  const named = [...section.matchAll(/^a=rtpmap:(\d+) ([^/\s]+)/gm)];
  const numbers = new Set(named.filter(([, , name]) => kept.includes((name ?? '').toLowerCase())).map(([, number]) => number));
  // Retransmissions (RFC 4588) of what is kept.
  for (const [, again, first] of section.matchAll(/^a=fmtp:(\d+) apt=(\d+)/gm)) if (numbers.has(first)) numbers.add(again);
  return section
    .split(/(?<=\n)/)
    .map((line) => line.replace(/^(m=\w+ \d+ \S+)((?: \d+)+)/, (_, start: string, all: string) => start + only(all, numbers)))
    .filter((line) => {
      const number = /^a=(?:rtpmap|fmtp|rtcp-fb):(\d+) /.exec(line)?.[1];
      return number === undefined || numbers.has(number);
    })
    .join('');
}

function only(numbers: string, kept: ReadonlySet<string | undefined>): string {
  return numbers
    .split(' ')
    .filter((number) => number === '' || kept.has(number))
    .join(' ');
}

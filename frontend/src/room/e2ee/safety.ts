/** The safety code: what people read to each other to know that nobody stands between them. Pure but for WebCrypto. */

import { concat, fromBase64url, utf8 } from './bytes';

const GROUPS = 6;
const BYTES_PER_GROUP = 5;
/** A server that swaps keys could look for two sets with one code; each try costs it this many hashes. */
const ITERATIONS = 100_000;

/**
 * Six groups of five digits over the public keys of everybody in the room, the same in whatever order they are given.
 * PBKDF2 with SHA-256 over the sorted keys; the room's id is the salt.
 */
export async function safetyCode(room: string, publicKeys: readonly string[]): Promise<string[]> {
  const sorted = [...publicKeys].sort().map(fromBase64url);
  const base = await crypto.subtle.importKey('raw', concat(...sorted), 'PBKDF2', false, ['deriveBits']);
  const bits = await crypto.subtle.deriveBits(
    { name: 'PBKDF2', hash: 'SHA-256', salt: utf8(`telehealth e2ee 1 safety code ${room}`), iterations: ITERATIONS },
    base,
    GROUPS * BYTES_PER_GROUP * 8,
  );
  const digest = new Uint8Array(bits);
  return Array.from({ length: GROUPS }, (_, group) => {
    const part = digest.subarray(group * BYTES_PER_GROUP, (group + 1) * BYTES_PER_GROUP);
    const value = part.reduce((sum, byte) => sum * 256 + byte, 0); // 40 bits: exact in a number
    return String(value % 100_000).padStart(5, '0');
  });
}

/**
 * A chain on its way to one other person: ECDH on P-256, HKDF, AES-256-GCM. Pure but for WebCrypto.
 *
 * The key of a wrapping is bound to the room, to both people and to both public keys in this direction, so that a wrapped chain is
 * of no use to anybody else, nor turned round.
 */

import { concat, fromBase64url, readUint32, toBase64url, uint32, utf8, type Bytes } from './bytes';
import { SECRET_BYTES, type Chain } from './schedule';

/** This page's own: made when the room is opened, kept in memory only, the private half cannot be read out. */
export interface Identity {
  /** The uncompressed point, 65 bytes, base64url. */
  readonly publicKey: string;
  readonly privateKey: CryptoKey;
}

/** Between whom a chain passes, in which room. */
export interface Passage {
  readonly room: string;
  readonly from: string;
  readonly to: string;
}

export const IV_BYTES = 12;
export const PUBLIC_BYTES = 65;
const CHAIN_BYTES = 9 + SECRET_BYTES;
const P256 = { name: 'ECDH', namedCurve: 'P-256' } as const;

export async function createIdentity(): Promise<Identity> {
  const pair = await crypto.subtle.generateKey(P256, false, ['deriveBits']);
  const raw = await crypto.subtle.exportKey('raw', pair.publicKey);
  return { publicKey: toBase64url(new Uint8Array(raw)), privateKey: pair.privateKey };
}

async function wrappingKey(
  privateKey: CryptoKey,
  theirs: string,
  { room, from, to }: Passage,
  senderKey: string,
  recipientKey: string,
): Promise<CryptoKey> {
  // Throws for what is no point of the curve.
  const publicKey = await crypto.subtle.importKey('raw', fromBase64url(theirs), P256, false, []);
  const shared = await crypto.subtle.deriveBits({ name: 'ECDH', public: publicKey }, privateKey, 256);
  const base = await crypto.subtle.importKey('raw', shared, 'HKDF', false, ['deriveKey']);
  const info = utf8(['telehealth e2ee 1 wrap', room, from, to, senderKey, recipientKey].join('\n'));
  return crypto.subtle.deriveKey(
    { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info },
    base,
    { name: 'AES-GCM', length: 256 },
    false,
    ['encrypt', 'decrypt'],
  );
}

/**
 * Wrap a chain for the owner of a public key. `iv` is 12 random bytes, new each time.
 *
 * @throws DOMException when `recipientKey` is no key.
 */
export async function wrap(
  mine: Identity,
  recipientKey: string,
  passage: Passage,
  chain: Chain,
  iv: Bytes,
): Promise<string> {
  const key = await wrappingKey(mine.privateKey, recipientKey, passage, mine.publicKey, recipientKey);
  const plain = concat(uint32(chain.number), uint32(chain.keyId), Uint8Array.of(chain.step), chain.secret);
  const secret = await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, key, plain);
  return toBase64url(concat(iv, new Uint8Array(secret)));
}

/**
 * Open what the owner of `senderKey` wrapped for us.
 *
 * @throws DOMException or RangeError when it was not wrapped by them, for us, in this room.
 */
export async function unwrap(mine: Identity, senderKey: string, passage: Passage, wrapped: string): Promise<Chain> {
  const bytes = fromBase64url(wrapped);
  const key = await wrappingKey(mine.privateKey, senderKey, passage, senderKey, mine.publicKey);
  const iv = bytes.slice(0, IV_BYTES);
  const plain = new Uint8Array(await crypto.subtle.decrypt({ name: 'AES-GCM', iv }, key, bytes.slice(IV_BYTES)));
  if (plain.length !== CHAIN_BYTES) throw new RangeError('not a chain');
  return { number: readUint32(plain, 0), keyId: readUint32(plain, 4), step: plain[8] as number, secret: plain.slice(9) };
}

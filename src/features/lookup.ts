/** The index key of a value: keyed, so that a stolen index can't be searched by trying every phone number. */
import { createHmac } from 'node:crypto';

const LOOKUP_BYTES = 16;

/** HMAC-SHA256(indexKey, type ‖ 0x00 ‖ normal value), first 16 bytes. The index key never leaves the gateway. */
export function lookupOf(indexKey: Buffer, type: string, normal: string): Buffer {
  const digest = createHmac('sha256', indexKey).update(`${type}\0${normal}`, 'utf8').digest();
  return digest.subarray(0, LOOKUP_BYTES);
}

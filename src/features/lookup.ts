/** The index key of a value: keyed, so that a stolen index can't be searched by trying every phone number. */
import { createHmac } from 'node:crypto';

const HEX_DIGITS = 32;

/** HMAC-SHA256(indexKey, type ‖ 0x00 ‖ normal value), first 16 bytes in hex. The index key never leaves the gateway. */
export function lookupOf(indexKey: Buffer, type: string, normal: string): string {
  return createHmac('sha256', indexKey)
    .update(`${type}\0${normal}`, 'utf8')
    .digest('hex')
    .slice(0, HEX_DIGITS);
}

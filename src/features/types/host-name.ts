/** The one spelling of a host name: lower-case A-labels (RFC 5890), no root dot. */
import { domainToASCII } from 'node:url';

/** Letters, digits, hyphen; underscore too, which names in the wild carry left of the registrable part. */
const PLAIN = /^(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])$/;

/** Undefined for a single label, an IP address, an invalid A-label or more than 253 characters. */
export function hostName(value: string): string | undefined {
  const text = value.trim().replace(/\.$/, '').toLowerCase();
  const ascii = needsIdna(text) ? domainToASCII(text) : text;
  return ascii.length <= 253 && PLAIN.test(ascii) ? ascii : undefined;
}

function needsIdna(text: string): boolean {
  return text.includes('xn--') || !/^[ -~]*$/.test(text);
}

/** The table of feature types; nothing else in the product knows what a value of a type looks like. */
import { GatewayError } from '../core/errors.ts';
import * as accounts from './types/accounts.ts';
import * as content from './types/content.ts';
import * as identities from './types/identities.ts';
import * as network from './types/network.ts';
import type { TypeRule } from './types/type-rule.ts';
import { isHarmless } from './types/warninglist.ts';

const table = {
  phone: identities.phone,
  'id-card': identities.idCard,
  uscc: identities.uscc,
  'company-name': identities.companyName,
  'bank-account': accounts.bankAccount,
  'bank-card': accounts.bankCard,
  wechat: accounts.wechat,
  qq: accounts.qq,
  alipay: accounts.alipay,
  email: accounts.email,
  url: network.url,
  domain: network.domain,
  ip: network.ip,
  'app-package': network.appPackage,
  'app-signing-cert': network.appSigningCertificate,
  'device-fingerprint': network.deviceFingerprint,
  address: identities.address,
  vehicle: identities.vehicle,
  'document-digest': content.documentDigest,
  'document-template': content.documentTemplate,
  'ad-copy': content.adCopy,
  slogan: content.slogan,
  behaviour: content.behaviour,
} as const satisfies Record<string, TypeRule>;

export type FeatureType = keyof typeof table;

export const featureTypes = Object.keys(table) as readonly FeatureType[];

const rules: ReadonlyMap<string, TypeRule> = new Map(Object.entries(table));

export function isFeatureType(type: string): type is FeatureType {
  return rules.has(type);
}

/** Whether values of the type stand for a person and so travel only as disclosures. */
export function isPersonal(type: string): boolean {
  return rules.get(type)?.personal ?? false;
}

/**
 * The normal form of a value. Codes: feature.type-unknown, feature.invalid. The message never repeats the value,
 * because it is shown and may be written to logs.
 */
export function normaliseValue(type: string, value: string): string {
  const rule = rules.get(type);
  if (rule === undefined) {
    throw new GatewayError('feature.type-unknown', `type must be one of: ${featureTypes.join(', ')}`);
  }
  const normal = rule.normalise(value);
  if (normal === undefined) throw new GatewayError('feature.invalid', `${type} must be ${rule.expected}`);
  return normal;
}

/** As normaliseValue, and refuses what is shared by so many honest people that it must never be a feature. */
export function featureValue(type: string, value: string): string {
  const normal = normaliseValue(type, value);
  if (isHarmless(type, normal)) {
    throw new GatewayError('feature.invalid', `${type} is on the warninglist of well-known harmless values`);
  }
  return normal;
}

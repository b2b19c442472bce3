/** Replays the checks of exchange profile 1 on a captured request, all of them: the first fault hides no other. */
import type { MemberId } from '../../../core/ids.ts';
import type { Judged } from '../../../federation/messages/open-message.ts';
import type { RegistryView } from '../../../federation/registry/registry-view.ts';
import type { Capture } from './capture.ts';
import { diagnoseBody } from './diagnose-body.ts';
import { diagnoseCaller } from './diagnose-caller.ts';
import { diagnoseHeaders } from './diagnose-headers.ts';
import { diagnoseMessage } from './diagnose-message.ts';
import { diagnoseToken } from './diagnose-token.ts';
import type { Finding } from './finding.ts';

export interface DiagnosisDeps extends Omit<Judged['deps'], 'member'> {
  /** Whom the request was sent to, and under which registered address. */
  readonly member: MemberId;
  readonly authority: string;
  /** In force when the request came. */
  readonly view: RegistryView;
  readonly now: Date;
  readonly skewSeconds: number;
  readonly maxBodyBytes: number;
}

export interface Diagnosis {
  readonly findings: readonly Finding[];
  /** What a capture cannot tell. */
  readonly unchecked: readonly string[];
  /** Who called, as far as certificate or token say. */
  readonly caller: MemberId | undefined;
  readonly registry: number;
}

const ALWAYS_UNCHECKED = [
  'freshness of the registry, rate and concurrency, single use of the token, whether the Exchange-Id was used before: only the gateway knew',
  'what the kind of message asks of the database (features, packets, requests that it refers to)',
];

export async function diagnose(capture: Capture, deps: DiagnosisDeps): Promise<Diagnosis> {
  const findings: Finding[] = [];
  const unchecked: string[] = [];
  const noted = { findings, unchecked };
  const head = await diagnoseHeaders(capture, deps, noted);
  const caller = await diagnoseCaller(capture, deps, { ...noted, token: head?.token });
  if (head !== undefined) {
    const claims = await diagnoseToken(head, { capture, caller, deps }, noted);
    const value = await diagnoseBody(capture, head, noted);
    if (value !== undefined) await diagnoseMessage(value, { capture, caller, claims, deps }, noted);
  }
  return {
    findings,
    unchecked: [...unchecked, ...ALWAYS_UNCHECKED],
    caller: caller.member === '' ? undefined : caller.member,
    registry: deps.view.serial,
  };
}

export interface Noted {
  readonly findings: Finding[];
  readonly unchecked: string[];
}

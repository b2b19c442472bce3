/** Whether what a peer shows is a freeze: an old registry, and a statement about it that has run out. */
import type { JsonValue } from '../../../core/canonical.ts';
import { sha256Hex } from '../../../core/digest.ts';
import type { MemberId } from '../../../core/ids.ts';
import type { RegistryView } from '../registry-view.ts';
import type { RegistryAlarm } from '../keeping/registry-alarms.ts';
import type { PeerHead } from './ask-peer.ts';

export interface FreezeQuestion {
  readonly peer: MemberId;
  /** What we hold. */
  readonly current: RegistryView;
  readonly now: Date;
}

/** Somebody keeps the peer from the newer registry; while its statement lives it may only be a little behind. */
export function freezeOf(head: PeerHead, { peer, current, now }: FreezeQuestion): RegistryAlarm | undefined {
  if (head.serial >= current.serial || expiryOf(head.freshness) >= now.getTime()) return undefined;
  return {
    code: 'registry.freeze',
    serial: head.serial,
    sha256: sha256Hex(`${peer} ${head.serial} ${head.sha256}`),
    document: head.document,
    source: peer,
    heldSha256: current.sha256,
    stopsTraffic: false,
  };
}

/** Untrusted; read, not verified: whoever shows none, or an unreadable one, has none. */
function expiryOf(freshness: JsonValue): number {
  try {
    const { payload } = freshness as { readonly payload: string };
    const { expiresAt } = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as {
      expiresAt: string;
    };
    const at = Date.parse(expiresAt);
    return Number.isNaN(at) ? 0 : at;
  } catch {
    return 0;
  }
}

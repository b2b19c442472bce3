/** Stores a verified registry and logs `registry.adopted`, in one transaction. */
import type { Clock } from '../../../core/clock.ts';
import { sha256 } from '../../../core/digest.ts';
import { GatewayError } from '../../../core/errors.ts';
import { newId, type MemberId } from '../../../core/ids.ts';
import type { EntryDraft } from '../../../ledger/entry.ts';
import type { Ledger } from '../../../ledger/ledger.ts';
import type { Database } from '../../../storage/database.ts';
import type { VerifiedRegistry } from '../registry-document.ts';
import { adoptedRegistries, insertRegistry } from './registry-store.ts';

export interface Adoption {
  readonly database: Database;
  readonly ledger: Pick<Ledger, 'append' | 'settle'>;
  readonly member: MemberId;
  readonly clock: Clock;
  readonly report: (error: unknown) => void;
  /** `directory`, or the member that served it. */
  readonly source: string;
}

/** Another process of this gateway may have been first: then its row and its entry stand. */
export async function adoptRegistry(registry: VerifiedRegistry, adoption: Adoption): Promise<void> {
  const { database, ledger } = adoption;
  const at = adoption.clock();
  const ledgerKey = sha256(`registry|${registry.body.alliance}|${registry.body.serial}|${registry.sha256}`);
  const inserted = await database.transaction(
    async (tx) => {
      if (!(await insertRegistry(tx, registry, { at, ledgerKey, source: adoption.source }))) return false;
      await ledger.append(tx, adoptedEntry(registry, { member: adoption.member, at }), ledgerKey);
      return true;
    },
    { durable: true },
  );
  if (!inserted) return refuseOther(database, registry);
  // Nobody waits for this entry: the call only wakes the sequencer.
  void ledger.settle(ledgerKey).catch(adoption.report);
}

async function refuseOther(database: Database, registry: VerifiedRegistry): Promise<void> {
  const stored = (await adoptedRegistries(database)).find((row) => row.serial === registry.body.serial);
  if (stored?.sha256 !== registry.sha256) {
    throw new GatewayError('registry.fork', undefined, { facts: { serial: registry.body.serial } });
  }
}

function adoptedEntry(
  { body, sha256: digest, payload }: VerifiedRegistry,
  { member, at }: { readonly member: MemberId; readonly at: Date },
): EntryDraft {
  return {
    id: newId(),
    at: at.toISOString(),
    kind: 'registry.adopted',
    member,
    basis: [],
    registry: { serial: body.serial, sha256: digest },
    subject: {
      type: 'registry',
      id: `${body.alliance}/${body.serial}`,
      sha256: digest,
      size: payload.length,
    },
    actor: 'gateway',
  };
}

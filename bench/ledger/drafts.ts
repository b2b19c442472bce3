/** Entries of the shape live traffic makes: messages of eight peers, each with its counter on the other side. */
import { createHash } from 'node:crypto';
import { newId } from '../../src/core/ids.ts';
import type { EntryDraft } from '../../src/ledger/entry.ts';

export const MEMBER = 'bench';
export const ORIGIN = 'bench.example/ledger';
const PEERS = 8;

export function draftOf(n: number): EntryDraft {
  const peer = `peer-${n % PEERS}`;
  const id = newId();
  return {
    id,
    at: new Date().toISOString(),
    kind: n % 3 === 0 ? 'message.acknowledged' : 'message.accepted',
    member: MEMBER,
    peer,
    group: 'anti-fraud',
    purpose: 'RISK_PREVENTION',
    basis: ['PIPL-13'],
    grant: 'grant-push',
    registry: { serial: 7, sha256: REGISTRY },
    subject: { type: 'envelope', id, sha256: digestOf(id), size: 2048 },
    token: digestOf(`token ${id}`),
    pair: { peer, dir: n % 3 === 0 ? 'out' : 'in' },
    mid: id,
    counter: {
      origin: `${peer}.example/ledger`,
      index: n,
      leaf: digestOf(peer),
      size: n + 1,
      root: REGISTRY,
    },
    actor: 'gateway',
  };
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

const REGISTRY = digestOf('registry');

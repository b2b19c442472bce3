/** Screening: what the group's features say about applicants, answered from the local replica before money leaves. */
import { randomBytes } from 'node:crypto';
import { newId } from '../core/ids.ts';
import { countAct } from '../federation/grants/quota-store.ts';
import type { EntryDraft, EntryRef } from '../ledger/entry.ts';
import type { Queryable } from '../storage/database.ts';
import { commitmentRoot } from './commitments.ts';
import type { FeatureDeps } from './deps.ts';
import { dropErasedSalts, type UsedFeature } from './erasure/screened-store.ts';
import { judge, type Judgement, type Reason } from './screening/judge.ts';
import { permittedGroups, type GroupPermit } from './screening/permitted-groups.ts';
import { insertScreening, matchesOf } from './screening/screening-store.ts';
import type { Outcome } from './screening/rules.ts';
import { readSubjects, type AskedSubject, type Subject } from './screening/subjects.ts';

export interface ScreeningRequest {
  /** Absent: every group that permits it. */
  readonly group?: string;
  readonly purpose: string;
  /** Absent: the legal bases of the grant that permits. */
  readonly legalBasis?: readonly string[];
  /** Kept here, never in the ledger. */
  readonly caseRef: string;
  readonly subjects: readonly Subject[];
  readonly actor: string;
}

export interface ScreeningResult {
  readonly ref: string;
  /** A recommendation; a person decides (PIPL 24). */
  readonly outcome: Outcome;
  readonly reasons: readonly Reason[];
  readonly featureIds: readonly string[];
  /** Members that contributed the features which matched. */
  readonly members: number;
  /** The highest after decay, 0–100. */
  readonly confidence: number;
}

export interface ScreeningReport {
  readonly id: string;
  /** In the order asked. */
  readonly results: readonly ScreeningResult[];
  readonly receipt: EntryRef;
}

/** Throws grant.refused, grant.quota-exceeded, screening.invalid, ledger.unavailable; no answer without a durable entry. */
export async function screen(deps: FeatureDeps, request: ScreeningRequest): Promise<ScreeningReport> {
  const permits = permittedGroups(deps, request);
  const subjects = readSubjects(request.subjects, deps.indexKey);
  const judged = await judgeAll(deps, permits, subjects);
  const id = newId();
  const ledgerKey = randomBytes(32);
  const madeAt = deps.clock();
  await deps.database.transaction(async (tx) => {
    const counted = await countSubjects(deps, tx, { permits, amount: subjects.length });
    const groups = permits.map(({ group }) => group);
    const { purpose, caseRef, actor } = request;
    const results = subjects.map(({ ref, salt }, at) => ({ ref, salt, ...judgementAt(judged, at) }));
    await insertScreening(tx, { id, groups, purpose, caseRef, actor, madeAt, ledgerKey, results });
    await dropErasedSalts(tx, id, usedIn(judged));
    await deps.ledger.append(
      tx,
      screeningEntry(deps, request, { id, madeAt, permits: counted, subjects }),
      ledgerKey,
    );
  });
  const { origin, index, leaf, size, root } = await deps.ledger.settle(ledgerKey);
  const results = subjects.map(({ ref }, at) => resultOf(ref, judgementAt(judged, at)));
  return { id, results, receipt: { origin, index, leaf, size, root } };
}

interface Asking {
  readonly permits: readonly GroupPermit[];
  readonly amount: number;
}

/**
 * Each subject is one act. Where one group's quota is used up the screening is refused: without that group its
 * answer would say pass and mean less. Groups are counted in the registry's order, so that two screenings can't deadlock.
 */
async function countSubjects(
  deps: FeatureDeps,
  tx: Queryable,
  { permits, amount }: Asking,
): Promise<readonly GroupPermit[]> {
  const { member } = deps;
  const counted: GroupPermit[] = [];
  for (const permit of permits) {
    const { quotas } = permit;
    const act = quotas && { member, quotas, now: deps.clock(), amount };
    counted.push(act === undefined ? permit : { ...permit, grant: await countAct(tx, act) });
  }
  return counted;
}

async function judgeAll(
  deps: FeatureDeps,
  permits: readonly GroupPermit[],
  subjects: readonly AskedSubject[],
): Promise<readonly Judgement[]> {
  const now = deps.clock();
  const groups = permits.map(({ group }) => group);
  const matches = await matchesOf(
    deps.database,
    groups,
    subjects.flatMap((subject) => subject.values),
  );
  let at = 0;
  return subjects.map(({ values }) => judge(matches.slice(at, (at += values.length)).flat(), now));
}

function usedIn(judged: readonly Judgement[]): readonly UsedFeature[] {
  return judged.flatMap(({ used }, position) => used.map(({ id, member }) => ({ id, member, position })));
}

function judgementAt(judged: readonly Judgement[], at: number): Judgement {
  return judged[at] ?? judge([], new Date(0));
}

function resultOf(ref: string, { outcome, reasons, used, members, confidence }: Judgement): ScreeningResult {
  return { ref, outcome, reasons, featureIds: used.map(({ id }) => id), members, confidence };
}

interface Made {
  readonly id: string;
  readonly madeAt: Date;
  readonly permits: readonly GroupPermit[];
  readonly subjects: readonly AskedSubject[];
}

/** Commitments of the subjects, and nothing else about them. */
function screeningEntry(deps: FeatureDeps, request: ScreeningRequest, made: Made): EntryDraft {
  const { permits } = made;
  const view = deps.registry.current();
  const only = permits.length === 1 ? permits[0] : undefined;
  const commitments = commitmentRoot(made.subjects.map(({ commitment }) => commitment));
  return {
    id: made.id,
    at: made.madeAt.toISOString(),
    kind: 'screening.made',
    member: deps.member,
    ...(only === undefined ? {} : { group: only.group }),
    purpose: request.purpose,
    basis: [...new Set(permits.flatMap(({ legalBasis }) => legalBasis))],
    grant: permits.map(({ grant }) => grant).join(' '),
    registry: { serial: view.serial, sha256: view.sha256 },
    subject: { type: 'screening', id: made.id },
    actor: request.actor,
    ...(commitments === undefined ? {} : { commitments }),
  };
}

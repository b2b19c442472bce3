/** Binds requests to pass a file on to the member plane. */
import { decideOnward } from '../../evidence/approvals/answer.ts';
import { askOnward } from '../../evidence/approvals/ask.ts';
import { listOnwardRequests } from '../../evidence/approvals/onward-record.ts';
import type { EvidenceDeps } from '../../evidence/evidence-deps.ts';
import type { MemberServices } from '../../http/member/services.ts';

export function onwardServices(evidence: EvidenceDeps) {
  return {
    createOnwardRequest: (draft) => askOnward(evidence, draft),
    listOnwardRequests: async (query) => ({ requests: await listOnwardRequests(evidence, query) }),
    decideOnwardRequest: (act) => decideOnward(evidence, act),
  } satisfies Partial<MemberServices>;
}

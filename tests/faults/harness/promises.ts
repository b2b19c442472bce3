/** The promises that are made to members, in the words of the page; each has at least one experiment. */
export const PROMISES = {
  P1: 'No loss: what was answered with an id is delivered exactly once or reported as failed with a reason, though either gateway or PostgreSQL is killed at any instant.',
  P2: 'No second effect for one (issuer, id).',
  P3: 'Nothing let in: a refused request leaves no business row, no visible file, no outbound call.',
  P4: 'No unaudited act: no 2xx without a durable ledger entry; where the ledger cannot commit, 503.',
  P5: "Tampering by anyone, the database administrator included, is found with the node's own dump and one honest peer's receipts, and the first bad entry is named.",
  P6: 'Revocation takes effect at most 61 s after its publication, open sockets and transfers under way included.',
  P7: 'Hostile clients, slow, huge or many, keep the p99 of honest ones within twofold; memory stays bounded.',
  P8: 'Every key is rotated without a failed request.',
  P9: 'A full disk: refused before the reserve is used, recovered without an operator once there is space.',
  P10: 'A wrong clock never causes acceptance.',
  P11: 'A resumed file never has another digest.',
  P12: 'A restart with 10,000 queued messages is ready within 10 s.',
} as const;

/** What a result leaves out: parts of a promise that are measured elsewhere. */
export const REMARKS: Partial<Record<PromiseId, string>> = {
  P7: 'tried here: memory and open files; the p99 comes from `npm run bench -- slow-sockets`',
};

export type PromiseId = keyof typeof PROMISES;

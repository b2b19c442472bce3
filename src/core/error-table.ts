/** Every refusal of the product: code → HTTP status, title, remedy. docs/errors.md is generated from it. */
interface ErrorRow {
  readonly status: number;
  readonly title: string;
  readonly remedy: string;
}

const table = {
  // transport and peer identity
  'tls.certificate-missing': {
    status: 401,
    title: 'No client certificate',
    remedy: 'Connect with the gateway certificate listed in the registry.',
  },
  'tls.certificate-unregistered': {
    status: 403,
    title: 'Certificate is not in the current registry',
    remedy: 'Ask the alliance operator to publish the certificate, or rotate to a listed one.',
  },
  'tls.certificate-expired': {
    status: 403,
    title: 'Certificate is outside its registered validity',
    remedy: 'Rotate the gateway certificate and publish it in the registry.',
  },
  'tls.member-suspended': {
    status: 403,
    title: 'Member is not active in the current registry',
    remedy: 'Ask the alliance operator about the membership status.',
  },
  // request shape
  'http.not-found': {
    status: 404,
    title: 'No such resource',
    remedy: 'Check the path against openapi.yaml.',
  },
  'http.method-not-allowed': {
    status: 405,
    title: 'Method not allowed',
    remedy: 'Signed calls are POST; see openapi.yaml.',
  },
  'http.header-missing': {
    status: 400,
    title: 'A mandatory header is missing',
    remedy: 'Send Content-Length, Content-Type, Content-Digest, Exchange-Token and Exchange-Id, each once.',
  },
  'http.header-duplicate': {
    status: 400,
    title: 'A header is given twice',
    remedy: 'Send each header once.',
  },
  'http.header-invalid': {
    status: 400,
    title: 'A header is malformed',
    remedy: 'See docs/protocol.md for the form of each header.',
  },
  'http.encoding-refused': {
    status: 415,
    title: 'Transfer-Encoding and Content-Encoding are refused',
    remedy: 'Send the plain body with Content-Length.',
  },
  'http.query-refused': {
    status: 400,
    title: 'Signed endpoints take no query',
    remedy: 'Remove the query string.',
  },
  'http.body-too-large': {
    status: 413,
    title: 'Body is larger than the limit',
    remedy: 'Split the content; a message may have 1 MiB.',
  },
  'http.body-truncated': {
    status: 400,
    title: 'Body differs from its Content-Length',
    remedy: 'Send exactly Content-Length bytes.',
  },
  'http.body-too-slow': {
    status: 408,
    title: 'Body came in too slowly',
    remedy: 'Send faster than the least speed of docs/limits.md, and retry over a better line.',
  },
  'http.media-type-refused': {
    status: 415,
    title: 'Media type is not accepted here',
    remedy: 'Use the media type named in openapi.yaml.',
  },
  // exchange token
  'token.base64-invalid': {
    status: 400,
    title: 'Token is not canonical base64url',
    remedy: 'Encode without padding, white space or stray trailing bits (RFC 4648 section 5).',
  },
  'token.too-large': {
    status: 400,
    title: 'Token is larger than 4 KiB',
    remedy: 'Use the claims of exchange profile 1 only.',
  },
  'token.header-refused': {
    status: 400,
    title: 'JOSE header is not exactly typ, alg, kid',
    remedy: 'Remove every other header member; typ must fit the message.',
  },
  'token.key-unknown': {
    status: 401,
    title: 'Key is not registered for the issuer',
    remedy: 'Sign with a seal key that the current registry lists for the issuer.',
  },
  'token.key-revoked': {
    status: 401,
    title: 'Key is revoked or outside its validity',
    remedy: 'Sign with a valid seal key.',
  },
  'token.algorithm-refused': {
    status: 400,
    title: 'Algorithm differs from the registered one',
    remedy: 'Use the algorithm that the registry fixes for the key.',
  },
  'token.claims-refused': {
    status: 400,
    title: 'Claims are missing, unknown or malformed',
    remedy: 'Send exactly the claims of exchange profile 1.',
  },
  'token.expired': {
    status: 401,
    title: 'Token is outside its time window',
    remedy: 'Check the clock and sign again; tokens live 60 seconds.',
  },
  'token.audience-mismatch': {
    status: 401,
    title: 'Token is for another member',
    remedy: 'Set aud to the receiving member id, as a string.',
  },
  'token.issuer-mismatch': {
    status: 401,
    title: 'Issuer is not the member of this connection',
    remedy: 'The token issuer must own the client certificate.',
  },
  'token.target-mismatch': {
    status: 401,
    title: 'Token is for another method or URL',
    remedy: 'Set htm and htu to the request method and registered URL.',
  },
  'token.binding-mismatch': {
    status: 401,
    title: 'Token is bound to another certificate',
    remedy: 'Set cnf to the certificate of this connection (RFC 8705).',
  },
  'token.signature-invalid': {
    status: 401,
    title: 'Signature does not verify',
    remedy: 'Sign the exact bytes with the registered key.',
  },
  'token.replayed': {
    status: 401,
    title: 'Token was used before',
    remedy: 'Use a fresh jti for each attempt; keep Exchange-Id.',
  },
  'token.id-mismatch': {
    status: 400,
    title: 'mid differs from Exchange-Id',
    remedy: 'Send the same UUIDv7 in both.',
  },
  'token.registry-unknown': {
    status: 400,
    title: 'Registry serial is not known here',
    remedy: 'Publish the registry to all gateways first, then retry.',
  },
  // body
  'exchange.digest-mismatch': {
    status: 400,
    title: 'Body differs from its digest',
    remedy: 'Compute Content-Digest and cdg over the exact bytes sent.',
  },
  'exchange.length-mismatch': {
    status: 400,
    title: 'Length claim differs from the body',
    remedy: 'Set len to Content-Length.',
  },
  'exchange.id-conflict': {
    status: 409,
    title: 'This Exchange-Id was used for other content',
    remedy: 'Use a new Exchange-Id for new content.',
  },
  'exchange.kind-unknown': {
    status: 422,
    title: 'No handler for this kind of message',
    remedy: 'Use a kind that the registry lists a schema for.',
  },
  'exchange.rate-limited': {
    status: 429,
    title: 'Too many requests from this member',
    remedy: 'Slow down and retry after the time in Retry-After.',
  },
  'exchange.overloaded': {
    status: 503,
    title: 'The gateway has no room for another request',
    remedy: 'Retry after the time in Retry-After.',
  },
  'exchange.response-invalid': {
    status: 502,
    title: 'The peer answered without a valid signed response',
    remedy: 'The delivery worker reconciles by /x/v1/status; ask the peer with the correlation id.',
  },
  'exchange.peer-unreachable': {
    status: 503,
    title: 'The peer cannot be reached',
    remedy: 'The delivery worker retries; check the network and the peer.',
  },
  'exchange.refused-by-peer': {
    status: 502,
    title: 'The peer refused the request',
    remedy: "Read the peer's code in the facts and docs/errors.md.",
  },
  'exchange.target-refused': {
    status: 403,
    title: 'Target address is not allowed',
    remedy: 'Targets come from the registry; private networks need allowPrivateNetworks.',
  },
  'delivery.not-found': {
    status: 404,
    title: 'No such delivery',
    remedy: 'Look the message id up with lianzheng queue list.',
  },
  'delivery.state': {
    status: 409,
    title: 'The delivery is in another state than this act needs',
    remedy: 'Read its state first: lianzheng queue show MID.',
  },
  'feed.cursor-invalid': {
    status: 400,
    title: 'The cursor is not one that this gateway gave out',
    remedy: 'Send the cursor of the page before, or null to begin anew.',
  },
  'json.encoding-invalid': {
    status: 400,
    title: 'Body is not well-formed UTF-8',
    remedy: 'Send UTF-8 without BOM, NUL or lone surrogates.',
  },
  'json.syntax': { status: 400, title: 'Body is not JSON', remedy: 'Send RFC 8259 JSON.' },
  'json.duplicate-key': {
    status: 400,
    title: 'An object has the same key twice',
    remedy: 'Send each key once.',
  },
  'json.too-deep': { status: 400, title: 'JSON is nested too deeply', remedy: 'At most 64 levels.' },
  'json.forbidden-key': {
    status: 400,
    title: 'A key is forbidden',
    remedy: '__proto__, constructor and prototype are refused.',
  },
  'json.number-lossy': {
    status: 400,
    title: 'A number loses precision',
    remedy: 'Send large or precise numbers as strings.',
  },
  'schema.invalid': {
    status: 422,
    title: 'Content breaks its schema',
    remedy: 'Mend what the facts name; schemas are in schemas/.',
  },
  'schema.unknown': {
    status: 422,
    title: 'Schema is not registered',
    remedy: 'Use a schema id and digest that the registry lists.',
  },
  'envelope.invalid': {
    status: 400,
    title: 'Envelope is malformed',
    remedy: 'See docs/protocol.md, envelope.',
  },
  'envelope.issuer-mismatch': {
    status: 403,
    title: 'Envelope was issued by another member',
    remedy: 'Send only envelopes your own member issued.',
  },
  'envelope.signature-invalid': {
    status: 401,
    title: 'Envelope signature does not verify',
    remedy: 'Sign the canonical payload with a registered seal key.',
  },
  'envelope.disclosure-invalid': {
    status: 422,
    title: 'Disclosures do not fit the commitments',
    remedy: 'Send one {salt,value} for each commitment and none beside.',
  },
  // alliance
  'registry.signature-invalid': {
    status: 422,
    title: 'Registry has too few valid operator signatures',
    remedy: 'Collect the signatures that the previous registry demands.',
  },
  'registry.rollback': {
    status: 409,
    title: 'Registry serial is lower than one already seen',
    remedy: 'Fetch the current registry; both documents are kept as evidence.',
  },
  'registry.fork': {
    status: 409,
    title: 'Two registries have the same serial',
    remedy: 'Stop and call the operators; both documents are kept as evidence.',
  },
  'registry.chain-broken': {
    status: 409,
    title: 'Registry does not follow the previous one',
    remedy: 'Fetch the registries between.',
  },
  'registry.expired': {
    status: 503,
    title: 'Registry has expired',
    remedy: 'The operators must publish a new registry.',
  },
  'registry.stale': {
    status: 503,
    title: 'No fresh statement about the registry',
    remedy: 'Check the freshness signer and the path to it.',
  },
  'registry.invalid': {
    status: 422,
    title: 'Registry document is malformed',
    remedy: 'See docs/protocol.md, registry.',
  },
  'registry.draft-conflict': {
    status: 409,
    title: 'Draft cannot be used here',
    remedy: 'Make a new draft from the newest registry, and have every operator sign the same file.',
  },
  'registry.operator-unknown': {
    status: 403,
    title: 'Key has no say in this registry',
    remedy:
      'Sign with the key of an operator that the registry before lists; lianzheng alliance show names them.',
  },
  'registry.edit-refused': {
    status: 422,
    title: 'The change does not fit the registry',
    remedy: 'Compare with lianzheng alliance show, and mend what the message names.',
  },
  'enrolment.invalid': {
    status: 422,
    title: 'Enrolment or rotation file is refused',
    remedy: 'Have the member make a new one with lianzheng enrol or lianzheng rotate, and send it unchanged.',
  },
  'grant.refused': {
    status: 403,
    title: 'No grant permits this',
    remedy: 'Read the unmet condition in the facts; ask the operators for a grant.',
  },
  'grant.personal-in-alliance': {
    status: 403,
    title: 'Personal types may not travel in an ALLIANCE group',
    remedy: 'Use private matching, or an INDUSTRY group under a grant (PIPL 13, 23).',
  },
  'grant.quota-exceeded': {
    status: 429,
    title: "The grant's quota for today is used up",
    remedy:
      'Wait until opensAt in the facts, or ask the operators for a larger quota; the same message is then accepted.',
  },
  'grant.onward-refused': {
    status: 403,
    title: 'What another member gave may not be passed on like this',
    remedy:
      'Read from, grant and unmet in the facts; send it to its origin, or let the receiver ask the origin itself.',
  },
  'grant.onward-approval-missing': {
    status: 403,
    title: 'Passing this on needs a recorded approval of the member it came from',
    remedy:
      'Ask the member named in the facts: lianzheng evidence onward ask; a feature cannot be approved, let the receiver ask its origin.',
  },
  'grant.onward-approval-mismatch': {
    status: 403,
    title: 'The approval is for another receiver, group or purpose',
    remedy: 'Ask for this one too: lianzheng evidence onward ask.',
  },
  'grant.onward-approval-expired': {
    status: 403,
    title: 'The approval of passing this on has ended',
    remedy: 'Ask again: lianzheng evidence onward ask.',
  },
  'grant.onward-approval-revoked': {
    status: 403,
    title: 'The approval of passing this on was revoked',
    remedy: 'Do not pass it on; ask the member named in the facts why.',
  },
  // ledger
  'ledger.unavailable': {
    status: 503,
    title: 'The ledger could not confirm the entry',
    remedy: 'Outcome unknown: ask again with the same id.',
  },
  'ledger.entry-invalid': {
    status: 500,
    title: 'A ledger entry breaks its form',
    remedy: 'Report this; the form is schemas/ledger-entry.json.',
  },
  'ledger.entry-too-large': {
    status: 500,
    title: 'A ledger entry is over 8 KiB',
    remedy: 'Report this; entries must be small.',
  },
  'ledger.proof-invalid': {
    status: 422,
    title: 'Ledger proof does not verify',
    remedy: 'Keep both and call the auditor.',
  },
  'ledger.note-invalid': {
    status: 400,
    title: 'Signed note is malformed',
    remedy: 'See c2sp.org/signed-note.',
  },
  'ledger.epoch-lost': {
    status: 503,
    title: 'Another sequencer holds the lease',
    remedy: 'None: the other process sequences.',
  },
  'ledger.quarantined': {
    status: 503,
    title: 'The ledger is read-only: others hold entries of it that this database lacks',
    remedy: 'Restore the newest backup, or follow docs/operations.md, section 10. Callers try again later.',
  },
  'ledger.unsafe-database': {
    status: 503,
    title: 'The database would not keep the ledger safe',
    remedy:
      'Turn on fsync, full_page_writes and synchronous_commit; revoke UPDATE and DELETE on ledger entries.',
  },
  // features
  'feature.invalid': {
    status: 422,
    title: 'A feature is invalid',
    remedy: 'Mend the lines named in the facts.',
  },
  'feature.type-unknown': {
    status: 422,
    title: 'Feature type is not known',
    remedy: 'See docs/features.md.',
  },
  'feature.not-found': {
    status: 404,
    title: 'No such feature',
    remedy: 'Take the id from GET /v1/groups/{group}/features or from a screening.',
  },
  'erasure.subject-invalid': {
    status: 422,
    title: 'An erasure names one subject',
    remedy: 'Give type and value, or featureId; with an id that several members use also member.',
  },
  'erasure.not-personal': {
    status: 422,
    title: 'Only values of personal types can be erased',
    remedy: 'Values of other types stand in signed batches; see docs/features.md.',
  },
  'erasure.id-conflict': {
    status: 409,
    title: 'The id was used for another erasure',
    remedy: 'Use the same id only to repeat the same order.',
  },
  'erasure.not-issuer': {
    status: 403,
    title: 'Only the issuer has features erased at other members',
    remedy: 'Erase what you hold yourself; ask the issuer to erase what it sent.',
  },
  'screening.invalid': {
    status: 422,
    title: 'A screening request is invalid',
    remedy: 'Mend the subjects named in the facts.',
  },
  // evidence
  'packet.invalid': {
    status: 422,
    title: 'Packet is invalid',
    remedy: 'Mend what the facts name; run lianzheng packet check.',
  },
  'packet.not-found': { status: 404, title: 'No such packet', remedy: 'Check the packet id.' },
  'packet.state': {
    status: 409,
    title: 'Packet is not in a state that allows this',
    remedy: 'Read its state with GET /v1/packets/{id}.',
  },
  'packet.signature-invalid': {
    status: 422,
    title: 'A packet signature is invalid',
    remedy: 'Sign the manifest that the gateway serves with a registered officer certificate.',
  },
  'packet.signer-unregistered': {
    status: 422,
    title: 'Signer is not registered for this role',
    remedy: 'Ask the operators to list the officer certificate and role.',
  },
  'bundle.invalid': {
    status: 422,
    title: 'Bundle fails its checks',
    remedy: 'Read the checks in the facts; do not use the bundle.',
  },
  'bundle.digest-mismatch': {
    status: 422,
    title: 'An item differs from its digest',
    remedy: 'Fetch the item again; keep both as evidence.',
  },
  'bundle.unreadable': { status: 422, title: 'Bundle cannot be read', remedy: 'Fetch the file again.' },
  'part.not-found': {
    status: 404,
    title: 'No such part for this member',
    remedy: 'Pull only what was offered to you.',
  },
  'part.digest-mismatch': {
    status: 422,
    title: 'A part differs from its digest',
    remedy: 'The pull asks for it again.',
  },
  'request.not-found': { status: 404, title: 'No such evidence request', remedy: 'Check the request id.' },
  'onward.not-found': {
    status: 404,
    title: 'No such request to pass something on, or no such file was given',
    remedy: 'Read lianzheng evidence onward list; name the member that gave the file, and its SHA-256.',
  },
  'onward.state': {
    status: 409,
    title: 'This cannot be decided now',
    remedy: 'Open requests are approved or refused, approved ones revoked; read its state first.',
  },
  'onward.answer-invalid': {
    status: 422,
    title: 'The answer is not one to what was asked, or not by whom it was asked of',
    remedy: 'Nothing may be passed on by it. Ask the issuer; if the row was altered, call your auditor.',
  },
  'request.state': { status: 409, title: 'Evidence request is not open', remedy: 'Read its state first.' },
  'blob.not-found': { status: 404, title: 'No such blob', remedy: 'Upload the file first.' },
  'blob.quota': {
    status: 507,
    title: 'The blob store is at its quota',
    remedy: 'Free space or raise blobs.quotaBytes.',
  },
  'blob.digest-mismatch': {
    status: 422,
    title: 'File differs from the announced digest',
    remedy: 'Upload the file again.',
  },
  // pki
  'pki.request-invalid': {
    status: 422,
    title: 'Certificate request is refused',
    remedy: 'Make a new request with lianzheng enrol.',
  },
  'pki.certificate-invalid': {
    status: 422,
    title: 'Certificate is refused',
    remedy: 'Compare it with certs/profiles.json.',
  },
  'pki.key-invalid': {
    status: 422,
    title: 'Private key cannot be used',
    remedy: 'Check the file, its mode and its password.',
  },
  // member plane
  'auth.token-missing': {
    status: 401,
    title: 'No bearer token',
    remedy: 'Send Authorization: Bearer with a token of your issuer.',
  },
  'auth.token-invalid': {
    status: 401,
    title: 'Bearer token is refused',
    remedy: 'Fetch a fresh token from your issuer.',
  },
  'auth.scope-missing': {
    status: 403,
    title: 'Token lacks the scope for this',
    remedy: 'Ask for the scope named in the facts.',
  },
  'request.invalid': {
    status: 400,
    title: 'Request differs from the API contract',
    remedy: 'Compare with openapi.yaml.',
  },
  // operation
  'config.invalid': {
    status: 500,
    title: 'Configuration is refused',
    remedy: 'Mend the setting named in the message.',
  },
  'gateway.stopping': {
    status: 503,
    title: 'The gateway is stopping',
    remedy: 'Send requests to another one, or wait until it is up again.',
  },
  'gateway.no-sequencer': {
    status: 503,
    title: 'No process of this gateway sequences its ledger',
    remedy:
      'Nothing was written. Start a process with the role: lianzheng serve --roles sequencer,delivery,clock; then ask again.',
  },
  'gateway.clock-wrong': {
    status: 503,
    title: 'Gateway and database disagree about the time',
    remedy: 'Have NTP set the clocks of both machines; peers refuse tokens of a wrong clock.',
  },
  'storage.unavailable': {
    status: 503,
    title: 'The database is not available',
    remedy: 'Retry; the operator should look at the database.',
  },
  internal: {
    status: 500,
    title: 'Internal error',
    remedy: 'Retry; report the correlation id when it stays.',
  },
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof table;

export const errorTable: Readonly<Record<ErrorCode, ErrorRow>> = table;

/** Generated from openapi.yaml by scripts/generate.ts; do not edit. */
export interface paths {
  readonly '/v1/health': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    /**
     * Is this gateway ready?
     * @description `200` when ready. `503` when not, with one reason for each thing that is wrong: `gateway` (told to stop), `database` (no
     *     answer within 2 s), `ledger` (`ledger.unavailable` while it waits for witnesses, who are named; `ledger.quarantined`),
     *     `sequencer` (acts wait, nothing is sequenced), `registry` (expired or not fresh), `blobs` (over quota or reserve), `clock`
     *     (the database's is off by more than the allowed skew), `certificate` (ended). `warnings` has what will become a reason
     *     before long. Needs no token, so that a load balancer can ask.
     */
    readonly get: operations['getHealth'];
    readonly put?: never;
    readonly post?: never;
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/v1/health/ready': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    /**
     * May this gateway be sent traffic?
     * @description The same answer as `/v1/health`, under the name that probes of readiness ask for.
     */
    readonly get: operations['getReadiness'];
    readonly put?: never;
    readonly post?: never;
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/v1/health/live': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    /**
     * Is this process alive?
     * @description `200` whenever the process can answer, also while it stops or the database is away: restarting it would mend neither.
     */
    readonly get: operations['getLiveness'];
    readonly put?: never;
    readonly post?: never;
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/metrics': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    /**
     * Metrics in the Prometheus text format
     * @description Counts and durations only, never names, values or ids of cases. Keep the member plane off public networks.
     */
    readonly get: operations['getMetrics'];
    readonly put?: never;
    readonly post?: never;
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/v1/groups/{group}/features': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        /**
         * @description Sharing group, as the registry names it.
         * @example broker-features
         */
        readonly group: components['parameters']['Group'];
      };
      readonly cookie?: never;
    };
    /**
     * List the features of a group
     * @description Your own and the other members' features of the group, oldest first. Page with `after` until `next` is missing.
     */
    readonly get: operations['listFeatures'];
    readonly put?: never;
    /**
     * Push features to a sharing group
     * @description Sends features to every member of the group. Two forms of the same call:
     *
     *     - `application/json`: up to 1,000 features in one object `{"features": […]}`;
     *     - `application/x-ndjson`: one feature a line, any number of lines, read as a stream (send it with
     *       `Transfer-Encoding: chunked` or a `Content-Length`; a line may have 64 KiB).
     *
     *     A bad line is refused with its number, code and reason and the rest goes through; with `atomic=true` one bad line refuses
     *     all. A feature you pushed before counts as a sighting (`duplicates`), not as an error. The answer comes when every
     *     accepted feature is durable, logged, visible to your own screening and queued for the other members.
     *
     *     Personal types (phone, id-card, bank-account, bank-card, wechat, …) never stand in signed bytes and are refused in ALLIANCE
     *     groups (`grant.personal-in-alliance`).
     */
    readonly post: operations['pushFeatures'];
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/v1/erasures': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    /**
     * List erasures, newest first
     * @description Your own and those that issuers asked for, with what each erased and who has confirmed. Never a value.
     */
    readonly get: operations['listErasures'];
    readonly put?: never;
    /**
     * Erase a person's value
     * @description Destroys value, salt and look-up of all features and sightings of one person's value that this gateway holds, whoever
     *     issued them, and tells the members that were sent it by this one (个人信息保护法 47). Signed batches, the ledger and its
     *     proofs stay valid: they hold commitments that nobody can open any more.
     *
     *     Name the subject by `type` and `value` in any form a push would take, or by `featureId`. A value that is not held is
     *     erased already: the answer counts zero. Give an `id` of your own to ask again after an unknown outcome; asked again, the
     *     act also tells members that could not be told before (`notTold`), refused the message or let it expire.
     *
     *     Only personal types can be erased (`erasure.not-personal`).
     */
    readonly post: operations['eraseSubject'];
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/v1/screenings': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly get?: never;
    readonly put?: never;
    /**
     * Screen applicants against the shared features
     * @description For each subject the gateway recommends `pass`, `review` or `block`, with the reasons, the ids of the features that matched
     *     and how many members contributed them. A person decides (个人信息保护法 24). The ledger gets salted commitments, never the values.
     */
    readonly post: operations['createScreening'];
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/v1/blobs': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly get?: never;
    readonly put?: never;
    /**
     * Upload one file
     * @description The body is the file itself, of any size up to the gateway's quota; it is written as it comes in and never held in memory.
     *     Give `Content-Digest: sha-256=:…:` (RFC 9530) and the gateway refuses a file that differs (`blob.digest-mismatch`). The answer
     *     is the reference that packets use. The same file twice is stored once.
     */
    readonly post: operations['putBlob'];
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/v1/packets': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    /** List packets, newest first */
    readonly get: operations['listPackets'];
    readonly put?: never;
    /**
     * Assemble a packet from a draft and uploaded files
     * @description Checks the draft against the packet schema, opens the custody log, and fixes the manifest that people sign. Files are named by
     *     the `sha256` that `POST /v1/blobs` answered. Next: `GET …/manifest`, sign it locally, `POST …/signatures`.
     */
    readonly post: operations['assemblePacket'];
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/v1/packets/{id}': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        /**
         * @description The id that the creating call answered.
         * @example 01987f2e-7c1a-7000-8000-000000000001
         */
        readonly id: components['parameters']['Id'];
      };
      readonly cookie?: never;
    };
    /** Read one packet's state */
    readonly get: operations['getPacket'];
    readonly put?: never;
    readonly post?: never;
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/v1/packets/{id}/manifest': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        /**
         * @description The id that the creating call answered.
         * @example 01987f2e-7c1a-7000-8000-000000000001
         */
        readonly id: components['parameters']['Id'];
      };
      readonly cookie?: never;
    };
    /**
     * The bytes that people sign
     * @description `META-INF/ASiCManifest001.xml` of the container: a digest of every file in the packet. Sign exactly these bytes as
     *     detached CAdES (`lianzheng packet sign` does it); the private key stays with the person.
     */
    readonly get: operations['getManifest'];
    readonly put?: never;
    readonly post?: never;
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/v1/packets/{id}/signatures': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        /**
         * @description The id that the creating call answered.
         * @example 01987f2e-7c1a-7000-8000-000000000001
         */
        readonly id: components['parameters']['Id'];
      };
      readonly cookie?: never;
    };
    readonly get?: never;
    readonly put?: never;
    /**
     * Add one person's signature
     * @description The body is a DER CMS SignedData, detached, with one SignerInfo over the manifest. The signer's certificate must be one of the
     *     packet's signatories and registered for that role (`packet.signer-unregistered`). When the last signatory has signed,
     *     the container is written and the state becomes `signed`.
     */
    readonly post: operations['addSignature'];
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/v1/packets/{id}/transfers': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        /**
         * @description The id that the creating call answered.
         * @example 01987f2e-7c1a-7000-8000-000000000001
         */
        readonly id: components['parameters']['Id'];
      };
      readonly cookie?: never;
    };
    readonly get?: never;
    readonly put?: never;
    /**
     * Transfer a signed packet to another member
     * @description Offers the bundle to the member named in `to`. The receiver pulls it part by part and verifies it. Follow the state with
     *     `GET /v1/packets/{id}`: `transferred`, then `receipted` when the receiver's officer has signed the receipt.
     */
    readonly post: operations['transferPacket'];
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/v1/packets/{id}/bundle': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        /**
         * @description The id that the creating call answered.
         * @example 01987f2e-7c1a-7000-8000-000000000001
         */
        readonly id: components['parameters']['Id'];
      };
      readonly cookie?: never;
    };
    /**
     * Download the container
     * @description The `.asice` file, streamed. A broken download resumes with `Range: bytes=<from>-` (one range); compare the whole with the digest in
     *     `Repr-Digest`. Verify it with `lianzheng verify FILE --anchors anchors.json`.
     */
    readonly get: operations['getBundle'];
    readonly put?: never;
    readonly post?: never;
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/v1/packets/{id}/receipt': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        /**
         * @description The id that the creating call answered.
         * @example 01987f2e-7c1a-7000-8000-000000000001
         */
        readonly id: components['parameters']['Id'];
      };
      readonly cookie?: never;
    };
    /**
     * The receipt document to sign
     * @description Canonical JSON that says what was received, when, and with which digests. Sign exactly these bytes.
     */
    readonly get: operations['getReceipt'];
    readonly put?: never;
    /**
     * Send the signed receipt back
     * @description The body is a DER CMS SignedData, detached, with one SignerInfo over the receipt document.
     */
    readonly post: operations['signReceipt'];
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/v1/evidence-requests': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    /** List evidence requests, newest first */
    readonly get: operations['listEvidenceRequests'];
    readonly put?: never;
    /**
     * Ask another member for evidence
     * @description Sends the items wanted and the number of the 调取证据通知书 to the member that holds them.
     */
    readonly post: operations['createEvidenceRequest'];
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/v1/evidence-requests/{id}/releases': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        /**
         * @description The id that the creating call answered.
         * @example 01987f2e-7c1a-7000-8000-000000000001
         */
        readonly id: components['parameters']['Id'];
      };
      readonly cookie?: never;
    };
    readonly get?: never;
    readonly put?: never;
    /**
     * Decide on a request, item by item
     * @description The holder's officer releases or refuses each item; a refusal needs a reason. The answer is an EVIDENCE_RESPONSE packet that the
     *     officer signs (`GET …/manifest`, `POST …/signatures`); once signed it is offered to the requester by itself.
     */
    readonly post: operations['releaseEvidence'];
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/v1/onward-requests': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    /** List requests to pass a file on, newest first */
    readonly get: operations['listOnwardRequests'];
    readonly put?: never;
    /**
     * Ask whether a file may go on to a third member
     * @description For a file that came under `onward: approval`. The member that gave it decides; its signed answer lets this member give this file to
     *     that receiver, in that group, for that purpose, until it ends or is revoked.
     */
    readonly post: operations['createOnwardRequest'];
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/v1/onward-requests/{id}/decisions': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        /**
         * @description The id that the creating call answered.
         * @example 01987f2e-7c1a-7000-8000-000000000001
         */
        readonly id: components['parameters']['Id'];
      };
      readonly cookie?: never;
    };
    readonly get?: never;
    readonly put?: never;
    /**
     * Approve, refuse or revoke
     * @description By an officer of the member that gave the file. An open request is approved until a time, or refused; an approved one is revoked.
     *     Logged and sent to the holder, signed.
     */
    readonly post: operations['decideOnwardRequest'];
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/v1/deliveries': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    /**
     * What was sent to whom, and what became of it
     * @description One row for each message and recipient: `pending → sent → acked | refused | expired`. A refused row carries the peer's code; a
     *     pending one says when it is tried next. Newest first.
     */
    readonly get: operations['listDeliveries'];
    readonly put?: never;
    readonly post?: never;
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/v1/deliveries/{id}': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        /**
         * @description The id that the creating call answered.
         * @example 01987f2e-7c1a-7000-8000-000000000001
         */
        readonly id: components['parameters']['Id'];
      };
      readonly cookie?: never;
    };
    /**
     * One delivery with the peer's signed answer
     * @description What it waits for, when it was tried, and the peer's answer, token and body, as each was received. Never the content that was sent.
     */
    readonly get: operations['getDelivery'];
    readonly put?: never;
    readonly post?: never;
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/v1/deliveries/{id}/retries': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        /**
         * @description The id that the creating call answered.
         * @example 01987f2e-7c1a-7000-8000-000000000001
         */
        readonly id: components['parameters']['Id'];
      };
      readonly cookie?: never;
    };
    readonly get?: never;
    readonly put?: never;
    /**
     * Try it again
     * @description What is open is tried at once. What had expired or was given up goes on under the same `mid`: a peer that had it after all answers as it
     *     did. A refusal was a decision and stands: the same envelope goes out as a new message with a `mid` of its own, for the peer to judge.
     */
    readonly post: operations['retryDelivery'];
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/v1/deliveries/{id}/endings': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        /**
         * @description The id that the creating call answered.
         * @example 01987f2e-7c1a-7000-8000-000000000001
         */
        readonly id: components['parameters']['Id'];
      };
      readonly cookie?: never;
    };
    readonly get?: never;
    readonly put?: never;
    /**
     * Give it up
     * @description Ends an open delivery with this member's signed statement, after the peer was asked once more where the outcome is unknown; `409` when the
     *     peer says that it has it. Of a refused or expired one it is logged who answered for it, and it is listed as a dead letter no longer.
     */
    readonly post: operations['giveUpDelivery'];
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/v1/deliveries/{id}/evidence': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        /**
         * @description The id that the creating call answered.
         * @example 01987f2e-7c1a-7000-8000-000000000001
         */
        readonly id: components['parameters']['Id'];
      };
      readonly cookie?: never;
    };
    /**
     * This member's signed statement that it did not arrive
     * @description Of what expired or was given up: a file `lianzheng-undelivered@v1` with the statement, its place in the ledger, the peer's last signed
     *     word and the registries. `lianzheng queue verify` checks it offline (docs/delivery.md).
     */
    readonly get: operations['getDeliveryEvidence'];
    readonly put?: never;
    readonly post?: never;
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/v1/queue': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    /**
     * What waits for each peer
     * @description Open deliveries, dead letters and the state of the circuit, one row for each peer.
     */
    readonly get: operations['getQueue'];
    readonly put?: never;
    readonly post?: never;
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/v1/queue/reconciliations': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly get?: never;
    readonly put?: never;
    /**
     * Lay our word beside the peers'
     * @description Asks each peer, signed both ways, what became of all that it was sent in the last days, and names every difference.
     */
    readonly post: operations['reconcileQueue'];
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/v1/queue/catch-ups': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly get?: never;
    readonly put?: never;
    /**
     * Pull what peers sent to a group
     * @description Reads each peer's feed from where this gateway is, at most 50 pages of 100 a peer in one call; `done` false means there is more. Gateways
     *     do it by themselves for groups that they are newly in, and once a day.
     */
    readonly post: operations['catchUpQueue'];
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/v1/ledger/entries/{index}': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        /**
         * @description Position in the ledger, from 0.
         * @example 17
         */
        readonly index: string;
      };
      readonly cookie?: never;
    };
    /**
     * One ledger entry with its inclusion proof
     * @description `proof` is a whole C2SP tlog-proof file; save it and verify it with any tool of that format.
     */
    readonly get: operations['getLedgerEntry'];
    readonly put?: never;
    readonly post?: never;
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/v1/ledger/proofs/{id}': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        /**
         * @description Id of a message (`mid` of a delivery, `Exchange-Id`), of a packet (its last offer), or the index of an entry in the ledger.
         * @example 01987f2e-7c1a-7000-8000-000000000001
         */
        readonly id: string;
      };
      readonly cookie?: never;
    };
    /**
     * One exchange as a proof file that verifies offline
     * @description Both sides' entries with their tlog-proofs, what the other side signed, and the registries that make the keys believable:
     *     `lianzheng ledger verify-proof` needs nothing else but the anchors. Keep the bytes as they are: the file is canonical JSON
     *     (docs/ledger-format.md, section 13). No personal value is in it.
     */
    readonly get: operations['getLedgerProof'];
    readonly put?: never;
    readonly post?: never;
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/v1/ledger/checkpoint': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    /** The latest signed checkpoint of this gateway's ledger */
    readonly get: operations['getLedgerCheckpoint'];
    readonly put?: never;
    readonly post?: never;
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/v1/ledger/watch': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    /** Whether the ledger may grow, who cosigned it, whom this gateway watches, who forked */
    readonly get: operations['getLedgerWatch'];
    readonly put?: never;
    readonly post?: never;
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/v1/explain': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    /**
     * Why can, or can't, a member do this?
     * @description The answer of the same decision that every message, screening and transfer meets, with each condition of each grant of the
     *     group and how it came out, in English and Chinese. What is asked is not done, and nothing is logged. A group that this member
     *     may not see is explained like one that does not exist. Quotas are counted by this gateway alone.
     */
    readonly get: operations['explainGrants'];
    readonly put?: never;
    readonly post?: never;
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/x/v1/messages': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly get?: never;
    readonly put?: never;
    /**
     * Hand over one sealed envelope
     * @description The body is an envelope (flattened JWS over canonical JSON) and, for personal values, the disclosures beside it.
     *     Checks run in the order of exchange profile 1: TLS and registry, headers, token, signature, replay, body digest, strict JSON, schema,
     *     grant. The effect and its ledger entry commit together; a repeat of the same `Exchange-Id` with the same body gives the same answer
     *     again with `rpl` true, with another body `409 exchange.id-conflict`.
     */
    readonly post: operations['peerMessages'];
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/x/v1/status': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly get?: never;
    readonly put?: never;
    /**
     * Ask what became of messages
     * @description For up to 1,000 message ids of the caller: `accepted` with the ledger entry, or `unknown`. The delivery worker asks after any
     *     answer that was lost.
     */
    readonly post: operations['peerStatus'];
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/x/v1/parts': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly get?: never;
    readonly put?: never;
    /**
     * Pull one part of an offered bundle
     * @description Only the member that the bundle was offered to gets an answer; for everyone else the part does not exist (`part.not-found`). Parts
     *     may be pulled in any order and again; a pull that broke goes on with the parts not yet held.
     */
    readonly post: operations['peerParts'];
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/x/v1/feed': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly get?: never;
    readonly put?: never;
    /**
     * Read what this member sent to a group
     * @description From a cursor on, in the order of this member's ledger: what was sent to all of the group, and what was addressed to the caller. Each item is
     *     the signed request that would bring the message; what the caller has accepted or refused is left out.
     */
    readonly post: operations['peerFeed'];
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/x/v1/registry': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly get?: never;
    readonly put?: never;
    /**
     * Get registries that a peer holds
     * @description Signed registries from a serial on, as their operators made them, and the peer's newest freshness statement. Answers are bounded
     *     (`more` says whether there are others) and leave no ledger entry: `rcpt` is null. Nothing is believed because of who serves it.
     */
    readonly post: operations['peerRegistry'];
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/ledger/checkpoint': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    /**
     * The latest signed checkpoint
     * @description C2SP tlog-tiles. Needs a certificate of the registry but no token, so that stock tools work.
     */
    readonly get: operations['peerLedgerCheckpoint'];
    readonly put?: never;
    readonly post?: never;
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/ledger/messages/{mid}': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        readonly mid: string;
      };
      readonly cookie?: never;
    };
    /**
     * The entries about one message, for the peer it was exchanged with
     * @description Offer and closing of a message that the caller was sent, or acceptance of one that it sent, each with its tlog-proof. A message
     *     between others is 404, like one that does not exist.
     */
    readonly get: operations['peerLedgerMessage'];
    readonly put?: never;
    readonly post?: never;
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/witness/add-checkpoint': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly get?: never;
    readonly put?: never;
    /**
     * Have a checkpoint cosigned
     * @description C2SP tlog-witness, for the log of any other member. What is cosigned is durable before it is answered.
     */
    readonly post: operations['peerAddCheckpoint'];
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/witness/{origin}/checkpoint': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        /** @description SHA-256 of the log's origin, lowercase hex. */
        readonly origin: string;
      };
      readonly cookie?: never;
    };
    /** The latest checkpoint that was cosigned here */
    readonly get: operations['peerWitnessedCheckpoint'];
    readonly put?: never;
    readonly post?: never;
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/witness/receipts': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    /**
     * The caller's own signed requests that are held here
     * @description A gateway asks for them before its ledger grows again after a start, so that it learns of a restored backup.
     */
    readonly get: operations['peerReceipts'];
    readonly put?: never;
    readonly post?: never;
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
  readonly '/ledger/tile/{path}': {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        /**
         * @description `<L>/<N>[.p/<W>]` for hashes or `entries/<N>[.p/<W>]` for entry bundles, as C2SP tlog-tiles says; it contains slashes.
         * @example entries/000.p/17
         */
        readonly path: string;
      };
      readonly cookie?: never;
    };
    /**
     * One tile or entry bundle
     * @description Tiles never change and may be cached for ever. Hash tiles are for every member; entry bundles need an audit grant. What is not there,
     *     or not for the caller, is 404 with an empty body, as C2SP tlog-tiles has it.
     */
    readonly get: operations['peerLedgerTile'];
    readonly put?: never;
    readonly post?: never;
    readonly delete?: never;
    readonly options?: never;
    readonly head?: never;
    readonly patch?: never;
    readonly trace?: never;
  };
}
export type webhooks = Record<string, never>;
export interface components {
  schemas: {
    /** @enum {string} */
    readonly Right: 'push' | 'screen' | 'query' | 'request' | 'transfer' | 'audit' | 'status';
    readonly Explanation: {
      readonly permit: boolean;
      /** @description The grant that permits; of a refusal the one that came nearest. */
      readonly grant?: string;
      /** @description The code a refusal would have. */
      readonly code?: string;
      /** @description The first unmet condition of a refusal. */
      readonly unmet?: string;
      readonly demands?: components['schemas']['GrantTerms'];
      readonly verdict: components['schemas']['Words'];
      readonly question: {
        readonly member: string;
        readonly right: components['schemas']['Right'];
        readonly group: string;
        readonly kind: string;
        readonly purpose: string;
        readonly legalBasis: readonly string[];
        readonly grade: number;
        readonly personal: boolean;
      };
      readonly member: {
        readonly id: string;
        /** @enum {string} */
        readonly status: 'active' | 'suspended' | 'left' | 'unknown';
      };
      readonly registry: {
        readonly serial: number;
        /** @description Digest of the registry that was asked. */
        readonly sha256: string;
      };
      /** Format: date-time */
      readonly at: string;
      /**
       * Format: date-time
       * @description When every count starts again.
       */
      readonly quotasOpenAt: string;
      /** @description What is asked before any grant, in this order. */
      readonly conditions: readonly components['schemas']['JudgedCondition'][];
      /** @description Every grant of the group; empty when the registry shows no such group. */
      readonly grants: readonly components['schemas']['JudgedGrant'][];
    };
    readonly JudgedGrant: {
      readonly grant: string;
      readonly permits: boolean;
      /** @enum {string} */
      readonly onward: 'none' | 'same-purpose' | 'approval';
      readonly notAfter: string;
      readonly maxGrade: number;
      readonly quota?: components['schemas']['QuotaUse'];
      readonly conditions: readonly components['schemas']['JudgedCondition'][];
    };
    /** @description What the grant that permits asks of its holder. */
    readonly GrantTerms: {
      /** @enum {string} */
      readonly onward: 'none' | 'same-purpose' | 'approval';
      readonly notAfter: string;
      readonly maxGrade: number;
      readonly quota?: components['schemas']['QuotaUse'];
    };
    readonly QuotaUse: {
      /** @description Acts of one member in one UTC day. */
      readonly perDay: number;
      /** @description Counted by this gateway today. */
      readonly used: number;
    };
    readonly JudgedCondition: {
      readonly condition: string;
      readonly holds: boolean;
      readonly text: components['schemas']['Words'];
    };
    /** @description The same sentence in two languages. */
    readonly Words: {
      readonly en: string;
      readonly zh: string;
    };
    readonly LedgerWatch: {
      /** @enum {string} */
      readonly state: 'open' | 'waiting' | 'quarantined';
      /** @description What is waited for, or what was contradicted; empty while open. */
      readonly reason: string;
      /** @description Size that each witness of the policy cosigned last, null when it never did. */
      readonly cosigned: readonly {
        readonly witness: string;
        readonly size: number | null;
      }[];
      /** @description Other members' logs as this gateway cosigned them last. */
      readonly witnessed: readonly {
        readonly origin: string;
        readonly size: number;
      }[];
      /** @description Two signed notes each that cannot both be true. */
      readonly forks: readonly {
        readonly origin: string;
        readonly known: string;
        readonly shown: string;
        /** Format: date-time */
        readonly foundAt: string;
      }[];
    };
    /** @description RFC 9457 problem. */
    readonly Problem: {
      /** @description `urn:lianzheng:error:` and the code. */
      readonly type: string;
      readonly title: string;
      readonly status: number;
      /** @description Stable; listed in docs/errors.md. */
      readonly code: string;
      /** @description What was expected, what came, what to do. Missing in 5xx answers. */
      readonly detail?: string;
      /** Format: uuid */
      readonly correlationId: string;
      /** @description Details for programs, e.g. a line number. */
      readonly facts?: {
        readonly [key: string]: unknown;
      };
    };
    /** @description Member id in the registry. */
    readonly MemberId: string;
    /** @description Sharing group id in the registry. */
    readonly GroupId: string;
    readonly Purpose: string;
    readonly LegalBasis: readonly string[];
    /** @description Opaque. */
    readonly Cursor: string;
    /** @enum {string} */
    readonly Direction: 'in' | 'out';
    readonly Sha256: string;
    /** Format: date-time */
    readonly Timestamp: string;
    /** @description Position of an act in a ledger. */
    readonly EntryRef: {
      /** @description Name of the ledger. */
      readonly origin: string;
      readonly index: number;
      readonly leaf: components['schemas']['Sha256'];
      /** @description Size of the tree whose root follows. */
      readonly size?: number;
      readonly root?: components['schemas']['Sha256'];
    };
    readonly Alive: {
      /** @enum {string} */
      readonly status: 'live';
      readonly member: components['schemas']['MemberId'];
      readonly version: string;
      readonly uptimeSeconds: number;
    };
    readonly HealthReason: {
      readonly part: string;
      readonly code: string;
      readonly message: string;
    };
    readonly Health: {
      /** @enum {string} */
      readonly status: 'ready' | 'not-ready';
      readonly member: components['schemas']['MemberId'];
      readonly reasons: readonly components['schemas']['HealthReason'][];
      /** @description Nothing is refused yet; somebody should look. */
      readonly warnings?: readonly components['schemas']['HealthReason'][];
      /** @description What this process does of the gateway's work. */
      readonly roles?: readonly ('api' | 'sequencer' | 'delivery' | 'clock')[];
      /** @description The other processes of this gateway that were heard of within five seconds. */
      readonly processes?: readonly {
        readonly gateway: string;
        readonly roles: readonly string[];
        /** @enum {string} */
        readonly ledger: 'open' | 'waiting' | 'quarantined';
      }[];
      readonly registry?: {
        readonly serial: number;
        readonly sha256: components['schemas']['Sha256'];
        /** Format: date-time */
        readonly expiresAt?: string;
        /**
         * Format: date-time
         * @description When peers are refused unless a newer freshness statement comes; missing when there was none.
         */
        readonly freshUntil?: string;
      };
      readonly deliveries?: {
        /** @description Messages that no peer has acknowledged or refused yet. */
        readonly open: number;
        readonly oldestSeconds: number;
      };
      readonly ledger?: {
        readonly size: number;
        readonly root: string;
        /** @enum {string} */
        readonly state?: 'open' | 'waiting' | 'quarantined';
        /** @description Acts that are not sequenced yet, counted up to 20,001. */
        readonly waiting?: number;
      };
    };
    /** @description What the feature was seen in. */
    readonly FeatureContext: {
      /** @description Offence codes, e.g. `CL-193` (骗取贷款罪, Criminal Law art. 193). */
      readonly offences?: readonly string[];
      /** @enum {string} */
      readonly chain?: 'info' | 'fund' | 'tech' | 'person';
      readonly role?: string;
      readonly behaviour?: readonly string[];
      readonly campaign?: string;
    };
    /** @description One feature to push. Types, normal forms and checks are in docs/protocol.md. */
    readonly FeatureDraft: {
      /** @description e.g. `domain`, `phone`, `uscc`. */
      readonly type: string;
      readonly value: string;
      readonly context?: components['schemas']['FeatureContext'];
      readonly confidence?: number;
      readonly firstSeen?: components['schemas']['Timestamp'];
      readonly lastSeen?: components['schemas']['Timestamp'];
      readonly validFrom?: components['schemas']['Timestamp'];
      readonly validUntil?: components['schemas']['Timestamp'];
      readonly tlp?: string;
      /** @description JR/T 0197 grade. */
      readonly grade?: number;
      readonly source?: string;
      readonly counterIndications?: string;
    };
    readonly Feature: {
      readonly id: string;
      readonly type: string;
      /** @description Missing when the personal value was erased. */
      readonly value?: string;
      /**
       * @description The personal value was erased.
       * @constant
       */
      readonly erased?: true;
      readonly group: components['schemas']['GroupId'];
      readonly member: components['schemas']['MemberId'];
      readonly context?: components['schemas']['FeatureContext'];
      readonly confidence?: number;
      readonly receivedAt?: components['schemas']['Timestamp'];
    } & {
      readonly [key: string]: unknown;
    };
    /** @description `type` and `value`, or `featureId`. */
    readonly ErasureOrder: {
      /**
       * Format: uuid
       * @description UUIDv7 of your own, the same for every retry of the same order.
       */
      readonly id?: string;
      /** @description A personal feature type, e.g. `phone`. */
      readonly type?: string;
      readonly value?: string;
      /**
       * Format: uuid
       * @description Any feature that has the value.
       */
      readonly featureId?: string;
      /** @description Whose `featureId` it is; needed only when two members use one id. */
      readonly member?: components['schemas']['MemberId'];
      readonly reason: components['schemas']['ErasureReason'];
      readonly legalBasis: components['schemas']['LegalBasis'];
    };
    /**
     * @description 个人信息保护法 47 (1)–(5); `incorrect` is 46. A code, because free text would name people.
     * @enum {string}
     */
    readonly ErasureReason:
      'purpose-ended' | 'retention-ended' | 'consent-withdrawn' | 'unlawful' | 'incorrect' | 'other';
    readonly Erasure: {
      /**
       * Format: uuid
       * @description The same here and at the members that were told.
       */
      readonly erasureId: string;
      /** @description You, or the issuer that told this gateway. */
      readonly orderedBy: components['schemas']['MemberId'];
      /** @description Type of the value; missing when an issuer told this gateway. */
      readonly type?: string;
      readonly reason: components['schemas']['ErasureReason'];
      readonly legalBasis: components['schemas']['LegalBasis'];
      readonly actor: string;
      readonly madeAt: components['schemas']['Timestamp'];
      readonly features: number;
      readonly sightings: number;
      /** @description Screening results that these features had decided; the commitment of each can't be opened any more. */
      readonly screenings: number;
      readonly receipt: components['schemas']['EntryRef'];
      /** @description Messages to members that had got the value from you. `acked` means the member signed that it erased. */
      readonly notices: readonly {
        readonly to: components['schemas']['MemberId'];
        readonly group: components['schemas']['GroupId'];
        /** Format: uuid */
        readonly mid: string;
        readonly state: components['schemas']['DeliveryState'];
      }[];
      /** @description Members that may hold the value and could not be told; tell them by other means, or repeat the order. */
      readonly notTold: readonly {
        readonly member: components['schemas']['MemberId'];
        readonly group: components['schemas']['GroupId'];
        readonly code: string;
      }[];
    };
    readonly PushReport: {
      readonly accepted: number;
      /** @description Features pushed before; each counts as a sighting. */
      readonly duplicates: number;
      /** @description The first 1,000 refused lines. */
      readonly refused: readonly {
        readonly line: number;
        readonly code: string;
        readonly message: string;
      }[];
      /** @description All refused lines. */
      readonly refusedCount?: number;
      /** @description Signed envelopes made, of up to 1,000 features. */
      readonly batches: number;
      readonly receipts: readonly components['schemas']['EntryRef'][];
    };
    readonly ScreeningRequest: {
      readonly group?: components['schemas']['GroupId'];
      readonly purpose: components['schemas']['Purpose'];
      readonly legalBasis?: components['schemas']['LegalBasis'];
      /** @description Your own reference, e.g. the loan application. */
      readonly caseRef: string;
      readonly subjects: readonly {
        /** @description Your own name for the subject. */
        readonly ref: string;
        readonly features: readonly {
          readonly type: string;
          readonly value: string;
        }[];
      }[];
    };
    readonly ScreeningReport: {
      /** Format: uuid */
      readonly id: string;
      readonly results: readonly components['schemas']['ScreeningResult'][];
      readonly receipt: components['schemas']['EntryRef'];
    };
    readonly ScreeningResult: {
      readonly ref: string;
      /** @enum {string} */
      readonly outcome: 'pass' | 'review' | 'block';
      readonly reasons: readonly ({
        readonly code: string;
        /** @enum {string} */
        readonly outcome?: 'pass' | 'review' | 'block';
        readonly type?: string;
        readonly featureId: string;
        readonly confidence?: number;
        readonly members?: number;
        readonly zh?: string;
        readonly en?: string;
      } & {
        readonly [key: string]: unknown;
      })[];
      readonly featureIds: readonly string[];
      /** @description How many members contributed. */
      readonly members: number;
      readonly confidence: number;
    } & {
      readonly [key: string]: unknown;
    };
    readonly Blob: {
      readonly sha256: components['schemas']['Sha256'];
      /** @description GB/T 32905 digest. */
      readonly sm3: string;
      readonly size: number;
    };
    /**
     * @description Made here: `assembled → sealing → signed → transferred → receipted`. Received: `offered → pulling → pulled → received → receipted`, or
     *     `rejected` (the bundle fails its checks), or `failed` (the pull was given up).
     * @enum {string}
     */
    readonly PacketState:
      | 'assembled'
      | 'sealing'
      | 'signed'
      | 'transferred'
      | 'receipted'
      | 'offered'
      | 'pulling'
      | 'pulled'
      | 'received'
      | 'rejected'
      | 'failed';
    /**
     * @description What the sender says about the matter, and which uploaded files belong to it. The gateway adds ids, times, sender, custody and
     *     digests, then checks the draft against schemas/packet-draft.json and the packet against schemas/packet.json; a breach is
     *     `schema.invalid` (422). samples/cases/ holds ten worked drafts.
     */
    readonly PacketDraft: {
      /** @description e.g. `CASE_TRANSFER`, `LEAD_NOTICE`, `INSTITUTION_REPORT`. */
      readonly packetType: string;
      readonly group: components['schemas']['GroupId'];
      readonly receiver: components['schemas']['MemberId'];
      readonly docNo: string;
      readonly purpose?: components['schemas']['Purpose'];
      /** @description Who will sign: two handlers and an approver who is neither, or an institution's provider. */
      readonly signatories: readonly components['schemas']['Signatory'][];
      /** @description Statutory forms A1 to A13 as text. */
      readonly forms?: readonly {
        readonly [key: string]: unknown;
      }[];
      /** @description Evidence items; `digests.sha256` names the uploaded file. */
      readonly items?: readonly {
        readonly [key: string]: unknown;
      }[];
    } & {
      readonly [key: string]: unknown;
    };
    readonly Signatory: {
      /** @description `HANDLER`, `LEGAL_REVIEWER`, `APPROVER` or `PROVIDER`. */
      readonly role: string;
      readonly name: string;
      /** @description Thumbprint of the officer's registered certificate. */
      readonly x5t: string;
    };
    readonly Packet: {
      /** Format: uuid */
      readonly packetId: string;
      readonly direction: components['schemas']['Direction'];
      /** @description e.g. `CASE_TRANSFER`. */
      readonly type: string;
      readonly docNo: string;
      readonly state: components['schemas']['PacketState'];
      readonly group: components['schemas']['GroupId'];
      readonly peer: components['schemas']['MemberId'];
      readonly manifestSha256: components['schemas']['Sha256'];
      /** @description The container, once it is written or announced. */
      readonly bundle?: {
        readonly sha256: components['schemas']['Sha256'];
        readonly size: number;
      };
      /** @description Who has to sign, and who has. */
      readonly signatories?: readonly {
        readonly role: string;
        readonly name: string;
        /** @description Thumbprint of the certificate, base64url SHA-256. */
        readonly x5t: string;
        readonly signed: boolean;
      }[];
      /** @description Offers of the packet to members. */
      readonly transfers?: readonly {
        /** Format: uuid */
        readonly id: string;
        readonly to: components['schemas']['MemberId'];
        /**
         * Format: uuid
         * @description Of the delivery.
         */
        readonly mid: string;
        readonly offeredAt: components['schemas']['Timestamp'];
        readonly receiptedAt?: components['schemas']['Timestamp'];
      }[];
      /** @description Id of the evidence request that this answers. */
      readonly inReplyTo?: string;
      /** @description Why an offer waits, failed or was rejected. */
      readonly reason?: string;
      /** @description Report of the checks of a pulled bundle. */
      readonly report?: unknown;
      readonly createdAt: components['schemas']['Timestamp'];
      readonly receivedAt?: components['schemas']['Timestamp'];
    };
    readonly EvidenceRequestDraft: {
      readonly to: components['schemas']['MemberId'];
      readonly group: components['schemas']['GroupId'];
      readonly purpose?: components['schemas']['Purpose'];
      /** @description Number of the 调取证据通知书. */
      readonly noticeNo: string;
      readonly caseRef: string;
      readonly legalBasis: components['schemas']['LegalBasis'];
      readonly items: readonly ({
        /** @description Number of the wanted item within the request. */
        readonly item: string;
        readonly description: string;
      } & {
        readonly [key: string]: unknown;
      })[];
    };
    readonly EvidenceRequest: {
      /** Format: uuid */
      readonly requestId: string;
      readonly direction: components['schemas']['Direction'];
      readonly peer: components['schemas']['MemberId'];
      readonly group: components['schemas']['GroupId'];
      readonly purpose: components['schemas']['Purpose'];
      readonly legalBasis: components['schemas']['LegalBasis'];
      readonly noticeNo: string;
      readonly caseRef: string;
      readonly items: readonly {
        readonly [key: string]: unknown;
      }[];
      /** @enum {string} */
      readonly state: 'open' | 'deciding' | 'answered';
      readonly decisions?: readonly {
        readonly [key: string]: unknown;
      }[];
      /**
       * Format: uuid
       * @description The EVIDENCE_RESPONSE that answers.
       */
      readonly responsePacket?: string;
      readonly createdAt: components['schemas']['Timestamp'];
    };
    readonly OnwardRequestDraft: {
      readonly sha256: components['schemas']['Sha256'];
      /** @description The member that gave the file. */
      readonly from: components['schemas']['MemberId'];
      readonly legalBasis: components['schemas']['LegalBasis'];
      readonly to: components['schemas']['MemberId'];
      readonly group: components['schemas']['GroupId'];
      readonly purpose: components['schemas']['Purpose'];
      /** @description For the officer who decides; no personal values. */
      readonly reason: string;
    };
    readonly OnwardDecision: {
      /** @enum {string} */
      readonly decision: 'approve' | 'refuse' | 'revoke';
      /**
       * Format: date-time
       * @description Mandatory with `approve`.
       */
      readonly notAfter?: string;
      /** @description Mandatory with `refuse` and `revoke`. */
      readonly reason?: string;
    };
    readonly OnwardRequest: {
      /** Format: uuid */
      readonly requestId: string;
      readonly direction: components['schemas']['Direction'];
      readonly peer: components['schemas']['MemberId'];
      readonly sha256: components['schemas']['Sha256'];
      readonly to: components['schemas']['MemberId'];
      readonly group: components['schemas']['GroupId'];
      readonly purpose: components['schemas']['Purpose'];
      readonly reason: string;
      /** @enum {string} */
      readonly state: 'open' | 'approved' | 'refused' | 'revoked';
      readonly notAfter?: components['schemas']['Timestamp'];
      readonly decidedBecause?: string;
      readonly createdAt: components['schemas']['Timestamp'];
    };
    readonly ReleaseDraft: {
      /** @description One for each item that was asked for. */
      readonly decisions: readonly {
        readonly item: string;
        readonly release: boolean;
        /** @description Mandatory for a refusal; it stands in the answer. */
        readonly reason?: string;
        /** @description Mandatory for a release; an item as in a packet draft, whose `digests.sha256` names the uploaded file. */
        readonly file?: {
          readonly [key: string]: unknown;
        };
      }[];
      readonly signatories: readonly components['schemas']['Signatory'][];
      readonly docNo?: string;
      readonly forms?: readonly {
        readonly [key: string]: unknown;
      }[];
      readonly custody?: readonly {
        readonly [key: string]: unknown;
      }[];
    };
    /** @enum {string} */
    readonly DeliveryState: 'pending' | 'sent' | 'acked' | 'refused' | 'expired' | 'given-up';
    readonly Delivery: {
      /**
       * Format: uuid
       * @description Id of this message to this recipient.
       */
      readonly mid: string;
      /**
       * Format: uuid
       * @description Id of the content, the same for all recipients.
       */
      readonly envelopeId: string;
      readonly to: components['schemas']['MemberId'];
      /** @description e.g. `feature-batch`, `packet-offer`. */
      readonly kind: string;
      readonly group: components['schemas']['GroupId'];
      readonly state: components['schemas']['DeliveryState'];
      readonly attempts: number;
      readonly createdAt: components['schemas']['Timestamp'];
      readonly nextAttemptAt?: components['schemas']['Timestamp'];
      readonly expiresAt: components['schemas']['Timestamp'];
      readonly closedAt?: components['schemas']['Timestamp'];
      /** @description The code of the last failure or of the peer's refusal. */
      readonly code?: string;
      readonly receipt?: components['schemas']['EntryRef'];
    };
    readonly DeliveryDetail: components['schemas']['Delivery'] & {
      /** @description Whether the peer may have acted on an attempt. */
      readonly outcomeUnknown: boolean;
      readonly stream?: string;
      /** @description Messages to the same member that are closed first. */
      readonly waitsFor: readonly string[];
      readonly firstAttemptAt?: components['schemas']['Timestamp'];
      readonly lastAttemptAt?: components['schemas']['Timestamp'];
      /** @description How often it was opened again. */
      readonly requeued: number;
      /** @description Since when somebody has answered for this dead letter. */
      readonly settledAt?: components['schemas']['Timestamp'];
      readonly hasEvidence: boolean;
      /** @description The peer's last signed answer, as it came. */
      readonly answer?: {
        readonly status: number;
        readonly token: string;
        readonly body: string;
      };
    };
    readonly Nothing: Record<string, never>;
    readonly RetriedDelivery: {
      /** Format: uuid */
      readonly mid: string;
      /** @enum {string} */
      readonly as: 'due' | 'reopened' | 'new-message';
    };
    readonly GivingUp: {
      /**
       * @description A code, because free text would name people.
       * @enum {string}
       */
      readonly reason: 'peer-gone' | 'told-otherwise' | 'superseded' | 'not-needed' | 'other';
    };
    /** @description Canonical JSON (RFC 8785); docs/delivery.md says how to verify it. */
    readonly UndeliveredFile: {
      /** @constant */
      readonly format: 'lianzheng-undelivered@v1';
      /** @description JSON of a sealed envelope of kind `undelivered`. */
      readonly statement: string;
      readonly message: {
        readonly [key: string]: unknown;
      };
      readonly logged: {
        readonly [key: string]: unknown;
      };
      readonly answer?: {
        readonly [key: string]: unknown;
      };
    };
    readonly PeerQueue: {
      readonly peer: components['schemas']['MemberId'];
      /** @description Never tried yet. */
      readonly pending: number;
      /** @description Tried without an answer that counts. */
      readonly sent: number;
      /** @description Of these, those behind another message. */
      readonly waiting: number;
      /** @description Refused or expired, and nobody has answered for it. */
      readonly dead: number;
      readonly oldestAt?: components['schemas']['Timestamp'];
      /** @description Missing while nothing was sent to the peer since the start. */
      readonly circuit?: {
        /** @enum {string} */
        readonly state: 'closed' | 'open' | 'half-open';
        readonly since: components['schemas']['Timestamp'];
        /** @description In a row. */
        readonly failures: number;
        readonly code?: string;
        readonly probeAt?: components['schemas']['Timestamp'];
      };
    };
    readonly ReconciliationOrder: {
      readonly peer?: components['schemas']['MemberId'];
      readonly days: number;
    };
    readonly PeerReconciliation: {
      readonly peer: components['schemas']['MemberId'];
      readonly asked: number;
      readonly agreed: number;
      readonly open: number;
      readonly differences: readonly {
        /** Format: uuid */
        readonly mid: string;
        readonly state: components['schemas']['DeliveryState'];
        /** @enum {string} */
        readonly difference: 'peer-denies' | 'other-receipt' | 'accepted-there' | 'accepted-after-all';
      }[];
      /** @description Where the peer has logged its signed answers. */
      readonly answers: readonly components['schemas']['EntryRef'][];
      /** @description Why the peer could not be asked. */
      readonly code?: string;
    };
    readonly CatchUpOrder: {
      readonly group: components['schemas']['GroupId'];
      /** @description Default all other members of the group. */
      readonly from?: components['schemas']['MemberId'];
      /** @description From the beginning, not from where this gateway is. */
      readonly anew?: boolean;
    };
    readonly CatchUpReport: {
      readonly peer: components['schemas']['MemberId'];
      readonly group: components['schemas']['GroupId'];
      readonly pages: number;
      /** @description New here. */
      readonly accepted: number;
      /** @description Had been accepted before. */
      readonly known: number;
      /** @description The first hundred. */
      readonly refused: readonly {
        readonly mid: string;
        readonly code: string;
      }[];
      readonly done: boolean;
      /** @description Why the peer's feed could not be read on. */
      readonly code?: string;
    };
    readonly LedgerEntry: {
      readonly origin: string;
      readonly index: number;
      readonly leaf: components['schemas']['Sha256'];
      /** @description Canonical JSON; its RFC 6962 leaf hash is `leaf`. */
      readonly entry: string;
      readonly size?: number;
      readonly root?: components['schemas']['Sha256'];
      readonly checkpoint?: string;
      /** @description C2SP tlog-proof file. */
      readonly proof: string;
    };
    /** @description The whole form is schemas/ledger-proof.json. */
    readonly LedgerProof: {
      /** @constant */
      readonly format: 'lianzheng-ledger-proof@v1';
      readonly alliance: string;
      /** @description What the file shows and by whom, in words. */
      readonly proves: readonly string[];
      readonly registries: readonly {
        readonly [key: string]: unknown;
      }[];
    } & {
      readonly [key: string]: unknown;
    };
    readonly Disclosure: {
      readonly salt: string;
      readonly value: string;
    };
    readonly PeerMessage: {
      /** @description base64url of exactly `{"alg","kid","typ":"lz-env+jws"}`. */
      readonly protected: string;
      /** @description base64url of the canonical JSON of the envelope content. */
      readonly payload: string;
      readonly signature: string;
      readonly disclosures?: readonly components['schemas']['Disclosure'][];
      /** @description Commitments whose disclosures were erased before this message was sent. */
      readonly erased?: readonly components['schemas']['Sha256'][];
    };
    readonly PeerAcceptance: {
      /** @constant */
      readonly status: 'accepted';
      /** Format: uuid */
      readonly id: string;
      /** @description The receiver's ledger entry. */
      readonly entry: string;
      /** @description C2SP tlog-proof of that entry. */
      readonly proof: string;
      readonly result?: {
        readonly [key: string]: unknown;
      };
    };
    readonly PeerStatusRequest: {
      readonly ids: readonly string[];
    };
    readonly PeerStatusAnswer: {
      readonly results: readonly {
        /** Format: uuid */
        readonly id: string;
        /** @enum {string} */
        readonly state: 'accepted' | 'unknown';
        readonly receipt?: components['schemas']['EntryRef'];
      }[];
    };
    readonly PeerFeedRequest: {
      readonly group: components['schemas']['GroupId'];
      /** @description Opaque; null begins at the beginning. */
      readonly cursor: string | null;
      readonly limit: number;
    };
    readonly PeerFeedAnswer: {
      readonly items: readonly {
        /** @description Exchange token of the request to `/x/v1/messages`. */
        readonly token: string;
        /** @description Its body, byte for byte. */
        readonly body: string;
      }[];
      readonly cursor: string | null;
      readonly more: boolean;
    };
    readonly PeerRegistryRequest: {
      /** @description First serial that is wanted. */
      readonly from: number;
      readonly limit: number;
      /** @description The newest that the caller holds; another digest under a serial of the peer makes the peer ask back. */
      readonly held: {
        readonly serial: number;
        readonly sha256: components['schemas']['Sha256'];
      };
    };
    readonly PeerRegistryAnswer: {
      /** @description The newest that the peer holds. */
      readonly serial: number;
      readonly sha256: components['schemas']['Sha256'];
      readonly documents: readonly Record<string, never>[];
      readonly more: boolean;
      /** @description Freshness statement (schemas/freshness-document.json), null when the peer has none. */
      readonly freshness: Record<string, never> | null;
    };
    readonly PeerPartRequest: {
      /**
       * Format: uuid
       * @description Id of the message that offered the bundle.
       */
      readonly transfer: string;
      readonly sha256: components['schemas']['Sha256'];
      /** @description Number of the part, from 0. */
      readonly n: number;
    };
  };
  responses: {
    /** @description Refused; `code` says why and docs/errors.md what to do. */
    readonly Problem: {
      headers: {
        readonly 'Correlation-Id': components['headers']['CorrelationId'];
        readonly [name: string]: unknown;
      };
      content: {
        /**
         * @example {
         *       "type": "urn:lianzheng:error:packet.not-found",
         *       "title": "No such packet",
         *       "status": 404,
         *       "code": "packet.not-found",
         *       "correlationId": "01987f2e-7c1a-7000-8000-000000000002"
         *     }
         */
        readonly 'application/problem+json': components['schemas']['Problem'];
      };
    };
    /** @description `auth.token-missing` or `auth.token-invalid`. */
    readonly Unauthorized: {
      headers: {
        readonly 'Correlation-Id': components['headers']['CorrelationId'];
        /** @description RFC 6750 challenge. */
        readonly 'WWW-Authenticate'?: string;
        readonly [name: string]: unknown;
      };
      content: {
        /**
         * @example {
         *       "type": "urn:lianzheng:error:auth.token-missing",
         *       "title": "No bearer token",
         *       "status": 401,
         *       "code": "auth.token-missing",
         *       "correlationId": "01987f2e-7c1a-7000-8000-000000000003"
         *     }
         */
        readonly 'application/problem+json': components['schemas']['Problem'];
      };
    };
    /** @description `auth.scope-missing`, or `grant.refused` when the alliance gives no grant. */
    readonly Forbidden: {
      headers: {
        readonly 'Correlation-Id': components['headers']['CorrelationId'];
        readonly [name: string]: unknown;
      };
      content: {
        /**
         * @example {
         *       "type": "urn:lianzheng:error:auth.scope-missing",
         *       "title": "Token lacks the scope for this",
         *       "status": 403,
         *       "code": "auth.scope-missing",
         *       "detail": "this needs the scope features:write",
         *       "correlationId": "01987f2e-7c1a-7000-8000-000000000004",
         *       "facts": {
         *         "anyOf": [
         *           "features:write"
         *         ]
         *       }
         *     }
         */
        readonly 'application/problem+json': components['schemas']['Problem'];
      };
    };
    /** @description Refused. Signed like any answer once the caller is authenticated; before that unsigned, without Exchange-Token. */
    readonly PeerProblem: {
      headers: {
        readonly 'Correlation-Id': components['headers']['CorrelationId'];
        /** @description Missing when the caller was not authenticated. */
        readonly 'Exchange-Token'?: string;
        readonly [name: string]: unknown;
      };
      content: {
        /**
         * @example {
         *       "type": "urn:lianzheng:error:token.replayed",
         *       "title": "Token was used before",
         *       "status": 401,
         *       "code": "token.replayed",
         *       "correlationId": "01987f2e-7c1a-7000-8000-000000000005"
         *     }
         */
        readonly 'application/problem+json': components['schemas']['Problem'];
      };
    };
  };
  parameters: {
    /**
     * @description Sharing group, as the registry names it.
     * @example broker-features
     */
    readonly Group: components['schemas']['GroupId'];
    /**
     * @description The id that the creating call answered.
     * @example 01987f2e-7c1a-7000-8000-000000000001
     */
    readonly Id: string;
    /**
     * @description Why the data is shared; the grant must list it.
     * @example RISK_PREVENTION
     */
    readonly Purpose: components['schemas']['Purpose'];
    /**
     * @description Legal basis; give the parameter once for each.
     * @example [
     *       "AFTFL-26"
     *     ]
     */
    readonly Basis: components['schemas']['LegalBasis'];
    /** @description Cursor `next` of the page before. */
    readonly After: components['schemas']['Cursor'];
    /** @description Rows a page. */
    readonly Limit: number;
    /** @description `out` made here, `in` received from another member. */
    readonly Direction: components['schemas']['Direction'];
    /** @description Mandatory; Transfer-Encoding and Content-Encoding are refused. */
    readonly ContentLength: number;
    /** @description RFC 9530 digest of the exact body bytes. */
    readonly ContentDigest: string;
    /** @description Compact JWS of typ `lzx-req+jwt`, at most 4 KiB, claims exactly those of exchange profile 1. */
    readonly ExchangeToken: string;
    /** @description UUIDv7, the idempotency key; the same for every retry, equal to the claim `mid`. */
    readonly ExchangeId: string;
  };
  requestBodies: never;
  headers: {
    /** @description Id of this call in the gateway's log; also in every problem answer. */
    readonly CorrelationId: string;
    /** @description Where the new resource is read. */
    readonly Location: string;
    /** @description RFC 9530 digest of the whole file, `sha-256=:…:`. */
    readonly ReprDigest: string;
    /** @description RFC 9530 digest of the body, equal to the claim `cdg`. */
    readonly ContentDigest: string;
    /** @description Compact JWS of typ `lzx-res+jwt` that signs this answer and binds it to the request (`rth`, `rjti`, `mid`). */
    readonly ExchangeToken: string;
  };
  pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
  readonly getHealth: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description Ready. */
      readonly 200: {
        headers: {
          readonly 'Correlation-Id': components['headers']['CorrelationId'];
          readonly [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "status": "ready",
           *       "member": "bank-a",
           *       "reasons": [],
           *       "registry": {
           *         "serial": 1,
           *         "sha256": "5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef"
           *       },
           *       "ledger": {
           *         "size": 1042,
           *         "root": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
           *       }
           *     }
           */
          readonly 'application/json': components['schemas']['Health'];
        };
      };
      /** @description Not ready; `reasons` says why. */
      readonly 503: {
        headers: {
          readonly 'Correlation-Id': components['headers']['CorrelationId'];
          readonly [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "status": "not-ready",
           *       "member": "bank-a",
           *       "reasons": [
           *         {
           *           "part": "registry",
           *           "code": "registry.stale",
           *           "message": "No fresh statement about the registry"
           *         }
           *       ]
           *     }
           */
          readonly 'application/json': components['schemas']['Health'];
        };
      };
      readonly default: components['responses']['Problem'];
    };
  };
  readonly getReadiness: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description Ready. */
      readonly 200: {
        headers: {
          readonly 'Correlation-Id': components['headers']['CorrelationId'];
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': components['schemas']['Health'];
        };
      };
      /** @description Not ready; `reasons` says why. */
      readonly 503: {
        headers: {
          readonly 'Correlation-Id': components['headers']['CorrelationId'];
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': components['schemas']['Health'];
        };
      };
      readonly default: components['responses']['Problem'];
    };
  };
  readonly getLiveness: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description Alive. */
      readonly 200: {
        headers: {
          readonly 'Correlation-Id': components['headers']['CorrelationId'];
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': components['schemas']['Alive'];
        };
      };
      readonly default: components['responses']['Problem'];
    };
  };
  readonly getMetrics: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description Prometheus exposition format 0.0.4. */
      readonly 200: {
        headers: {
          readonly [name: string]: unknown;
        };
        content: {
          /** @example lianzheng_member_request_seconds_count{operation="getHealth",status="200"} 3 */
          readonly 'text/plain': string;
        };
      };
      readonly default: components['responses']['Problem'];
    };
  };
  readonly listFeatures: {
    readonly parameters: {
      readonly query?: {
        /** @description Cursor `next` of the page before. */
        readonly after?: components['parameters']['After'];
        /** @description Rows a page. */
        readonly limit?: components['parameters']['Limit'];
      };
      readonly header?: never;
      readonly path: {
        /**
         * @description Sharing group, as the registry names it.
         * @example broker-features
         */
        readonly group: components['parameters']['Group'];
      };
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description One page. */
      readonly 200: {
        headers: {
          readonly 'Correlation-Id': components['headers']['CorrelationId'];
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': {
            readonly features: readonly components['schemas']['Feature'][];
            readonly next?: components['schemas']['Cursor'];
          };
        };
      };
      readonly 401: components['responses']['Unauthorized'];
      readonly 403: components['responses']['Forbidden'];
      readonly default: components['responses']['Problem'];
    };
  };
  readonly pushFeatures: {
    readonly parameters: {
      readonly query: {
        /**
         * @description Why the data is shared; the grant must list it.
         * @example RISK_PREVENTION
         */
        readonly purpose: components['parameters']['Purpose'];
        /**
         * @description Legal basis; give the parameter once for each.
         * @example [
         *       "AFTFL-26"
         *     ]
         */
        readonly basis: components['parameters']['Basis'];
        /** @description Refuse everything when one line is refused. */
        readonly atomic?: boolean;
      };
      readonly header?: never;
      readonly path: {
        /**
         * @description Sharing group, as the registry names it.
         * @example broker-features
         */
        readonly group: components['parameters']['Group'];
      };
      readonly cookie?: never;
    };
    readonly requestBody: {
      readonly content: {
        /**
         * @example {
         *       "features": [
         *         {
         *           "type": "domain",
         *           "value": "loan-fast.example.com",
         *           "context": {
         *             "offences": [
         *               "CL-193"
         *             ],
         *             "chain": "info",
         *             "role": "BROKER",
         *             "behaviour": [
         *               "FLOW_LOOP"
         *             ]
         *           },
         *           "confidence": 80
         *         },
         *         {
         *           "type": "uscc",
         *           "value": "91350211M000100Y43",
         *           "confidence": 70
         *         }
         *       ]
         *     }
         */
        readonly 'application/json': {
          readonly features: readonly components['schemas']['FeatureDraft'][];
        };
        /**
         * @example {"type":"domain","value":"loan-fast.example.com","confidence":80}
         *     {"type":"url","value":"https://loan-fast.example.com/apply","confidence":80}
         */
        readonly 'application/x-ndjson': string;
      };
    };
    readonly responses: {
      /** @description What was accepted and what was refused, with the ledger entries of the batches. */
      readonly 200: {
        headers: {
          readonly 'Correlation-Id': components['headers']['CorrelationId'];
          readonly [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "accepted": 2,
           *       "duplicates": 0,
           *       "refused": [],
           *       "batches": 1,
           *       "receipts": [
           *         {
           *           "origin": "bank-a.example/ledger",
           *           "index": 17,
           *           "leaf": "5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef"
           *         }
           *       ]
           *     }
           */
          readonly 'application/json': components['schemas']['PushReport'];
        };
      };
      readonly 400: components['responses']['Problem'];
      readonly 401: components['responses']['Unauthorized'];
      readonly 403: components['responses']['Forbidden'];
      readonly 422: components['responses']['Problem'];
      readonly default: components['responses']['Problem'];
    };
  };
  readonly listErasures: {
    readonly parameters: {
      readonly query?: {
        /** @description Rows a page. */
        readonly limit?: components['parameters']['Limit'];
      };
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description At most `limit`, newest first. */
      readonly 200: {
        headers: {
          readonly 'Correlation-Id': components['headers']['CorrelationId'];
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': {
            readonly erasures: readonly components['schemas']['Erasure'][];
          };
        };
      };
      readonly 401: components['responses']['Unauthorized'];
      readonly 403: components['responses']['Forbidden'];
      readonly default: components['responses']['Problem'];
    };
  };
  readonly eraseSubject: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly requestBody: {
      readonly content: {
        /**
         * @example {
         *       "type": "phone",
         *       "value": "15400000000",
         *       "reason": "purpose-ended",
         *       "legalBasis": [
         *         "PIPL-47"
         *       ]
         *     }
         */
        readonly 'application/json': components['schemas']['ErasureOrder'];
      };
    };
    readonly responses: {
      /** @description Erased here and logged; the notices are on their way. */
      readonly 201: {
        headers: {
          readonly 'Correlation-Id': components['headers']['CorrelationId'];
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': components['schemas']['Erasure'];
        };
      };
      readonly 400: components['responses']['Problem'];
      readonly 401: components['responses']['Unauthorized'];
      readonly 403: components['responses']['Forbidden'];
      readonly 404: components['responses']['Problem'];
      readonly 409: components['responses']['Problem'];
      readonly 422: components['responses']['Problem'];
      readonly default: components['responses']['Problem'];
    };
  };
  readonly createScreening: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly requestBody: {
      readonly content: {
        /**
         * @example {
         *       "group": "broker-features",
         *       "purpose": "RISK_PREVENTION",
         *       "caseRef": "LOAN-2026-000123",
         *       "subjects": [
         *         {
         *           "ref": "applicant-1",
         *           "features": [
         *             {
         *               "type": "phone",
         *               "value": "13800000000"
         *             },
         *             {
         *               "type": "uscc",
         *               "value": "91350211M000100Y43"
         *             }
         *           ]
         *         }
         *       ]
         *     }
         */
        readonly 'application/json': components['schemas']['ScreeningRequest'];
      };
    };
    readonly responses: {
      /** @description One result for each subject, in the order asked. */
      readonly 200: {
        headers: {
          readonly 'Correlation-Id': components['headers']['CorrelationId'];
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': components['schemas']['ScreeningReport'];
        };
      };
      readonly 400: components['responses']['Problem'];
      readonly 401: components['responses']['Unauthorized'];
      readonly 403: components['responses']['Forbidden'];
      readonly 422: components['responses']['Problem'];
      readonly default: components['responses']['Problem'];
    };
  };
  readonly putBlob: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: {
        /** @description Digest that the file must have, e.g. `sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:`. */
        readonly 'Content-Digest'?: string;
      };
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly requestBody: {
      readonly content: {
        readonly 'application/octet-stream': string;
      };
    };
    readonly responses: {
      /** @description Stored, or already there. */
      readonly 201: {
        headers: {
          readonly 'Correlation-Id': components['headers']['CorrelationId'];
          readonly [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "sha256": "5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef",
           *       "sm3": "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0",
           *       "size": 67108864
           *     }
           */
          readonly 'application/json': components['schemas']['Blob'];
        };
      };
      readonly 400: components['responses']['Problem'];
      readonly 401: components['responses']['Unauthorized'];
      readonly 403: components['responses']['Forbidden'];
      readonly 422: components['responses']['Problem'];
      readonly 507: components['responses']['Problem'];
      readonly default: components['responses']['Problem'];
    };
  };
  readonly listPackets: {
    readonly parameters: {
      readonly query?: {
        /** @description `out` made here, `in` received from another member. */
        readonly direction?: components['parameters']['Direction'];
        /** @description Only packets in this state. */
        readonly state?: components['schemas']['PacketState'];
        /** @description Rows a page. */
        readonly limit?: components['parameters']['Limit'];
      };
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description At most `limit`, newest first. */
      readonly 200: {
        headers: {
          readonly 'Correlation-Id': components['headers']['CorrelationId'];
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': {
            readonly packets: readonly components['schemas']['Packet'][];
          };
        };
      };
      readonly 401: components['responses']['Unauthorized'];
      readonly 403: components['responses']['Forbidden'];
      readonly default: components['responses']['Problem'];
    };
  };
  readonly assemblePacket: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly requestBody: {
      readonly content: {
        readonly 'application/json': components['schemas']['PacketDraft'];
      };
    };
    readonly responses: {
      /** @description Assembled; the packet waits for its signatures. */
      readonly 201: {
        headers: {
          readonly Location: components['headers']['Location'];
          readonly 'Correlation-Id': components['headers']['CorrelationId'];
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': components['schemas']['Packet'];
        };
      };
      readonly 400: components['responses']['Problem'];
      readonly 401: components['responses']['Unauthorized'];
      readonly 403: components['responses']['Forbidden'];
      readonly 404: components['responses']['Problem'];
      readonly 422: components['responses']['Problem'];
      readonly default: components['responses']['Problem'];
    };
  };
  readonly getPacket: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        /**
         * @description The id that the creating call answered.
         * @example 01987f2e-7c1a-7000-8000-000000000001
         */
        readonly id: components['parameters']['Id'];
      };
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description The packet. */
      readonly 200: {
        headers: {
          readonly 'Correlation-Id': components['headers']['CorrelationId'];
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': components['schemas']['Packet'];
        };
      };
      readonly 401: components['responses']['Unauthorized'];
      readonly 403: components['responses']['Forbidden'];
      readonly 404: components['responses']['Problem'];
      readonly default: components['responses']['Problem'];
    };
  };
  readonly getManifest: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        /**
         * @description The id that the creating call answered.
         * @example 01987f2e-7c1a-7000-8000-000000000001
         */
        readonly id: components['parameters']['Id'];
      };
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description The manifest, byte for byte. */
      readonly 200: {
        headers: {
          readonly 'Correlation-Id': components['headers']['CorrelationId'];
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/xml': string;
        };
      };
      readonly 401: components['responses']['Unauthorized'];
      readonly 403: components['responses']['Forbidden'];
      readonly 404: components['responses']['Problem'];
      readonly default: components['responses']['Problem'];
    };
  };
  readonly addSignature: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        /**
         * @description The id that the creating call answered.
         * @example 01987f2e-7c1a-7000-8000-000000000001
         */
        readonly id: components['parameters']['Id'];
      };
      readonly cookie?: never;
    };
    readonly requestBody: {
      readonly content: {
        readonly 'application/pkcs7-signature': string;
      };
    };
    readonly responses: {
      /** @description Accepted; the packet as it is now. */
      readonly 200: {
        headers: {
          readonly 'Correlation-Id': components['headers']['CorrelationId'];
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': components['schemas']['Packet'];
        };
      };
      readonly 401: components['responses']['Unauthorized'];
      readonly 403: components['responses']['Forbidden'];
      readonly 404: components['responses']['Problem'];
      readonly 409: components['responses']['Problem'];
      readonly 422: components['responses']['Problem'];
      readonly default: components['responses']['Problem'];
    };
  };
  readonly transferPacket: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        /**
         * @description The id that the creating call answered.
         * @example 01987f2e-7c1a-7000-8000-000000000001
         */
        readonly id: components['parameters']['Id'];
      };
      readonly cookie?: never;
    };
    readonly requestBody: {
      readonly content: {
        /**
         * @example {
         *       "to": "police-p"
         *     }
         */
        readonly 'application/json': {
          readonly to: components['schemas']['MemberId'];
        };
      };
    };
    readonly responses: {
      /** @description Offered and logged; delivery goes on in the background. */
      readonly 202: {
        headers: {
          readonly 'Correlation-Id': components['headers']['CorrelationId'];
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': components['schemas']['Packet'];
        };
      };
      readonly 400: components['responses']['Problem'];
      readonly 401: components['responses']['Unauthorized'];
      readonly 403: components['responses']['Forbidden'];
      readonly 404: components['responses']['Problem'];
      readonly 409: components['responses']['Problem'];
      readonly default: components['responses']['Problem'];
    };
  };
  readonly getBundle: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: {
        /** @description One byte range with a start, e.g. `bytes=1048576-`. */
        readonly Range?: string;
      };
      readonly path: {
        /**
         * @description The id that the creating call answered.
         * @example 01987f2e-7c1a-7000-8000-000000000001
         */
        readonly id: components['parameters']['Id'];
      };
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description The whole file. */
      readonly 200: {
        headers: {
          readonly 'Repr-Digest': components['headers']['ReprDigest'];
          readonly 'Correlation-Id': components['headers']['CorrelationId'];
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/vnd.etsi.asic-e+zip': string;
        };
      };
      /** @description The range asked for. */
      readonly 206: {
        headers: {
          /** @description As in RFC 9110, e.g. `bytes 1048576-2097151/67108864`. */
          readonly 'Content-Range'?: string;
          readonly 'Repr-Digest': components['headers']['ReprDigest'];
          readonly 'Correlation-Id': components['headers']['CorrelationId'];
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/vnd.etsi.asic-e+zip': string;
        };
      };
      readonly 401: components['responses']['Unauthorized'];
      readonly 403: components['responses']['Forbidden'];
      readonly 404: components['responses']['Problem'];
      readonly 409: components['responses']['Problem'];
      readonly default: components['responses']['Problem'];
    };
  };
  readonly getReceipt: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        /**
         * @description The id that the creating call answered.
         * @example 01987f2e-7c1a-7000-8000-000000000001
         */
        readonly id: components['parameters']['Id'];
      };
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description The document, byte for byte. */
      readonly 200: {
        headers: {
          readonly 'Correlation-Id': components['headers']['CorrelationId'];
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': {
            readonly [key: string]: unknown;
          };
        };
      };
      readonly 401: components['responses']['Unauthorized'];
      readonly 403: components['responses']['Forbidden'];
      readonly 404: components['responses']['Problem'];
      readonly 409: components['responses']['Problem'];
      readonly default: components['responses']['Problem'];
    };
  };
  readonly signReceipt: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        /**
         * @description The id that the creating call answered.
         * @example 01987f2e-7c1a-7000-8000-000000000001
         */
        readonly id: components['parameters']['Id'];
      };
      readonly cookie?: never;
    };
    readonly requestBody: {
      readonly content: {
        readonly 'application/pkcs7-signature': string;
      };
    };
    readonly responses: {
      /** @description Logged and on its way to the sender. */
      readonly 202: {
        headers: {
          readonly 'Correlation-Id': components['headers']['CorrelationId'];
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': components['schemas']['Packet'];
        };
      };
      readonly 401: components['responses']['Unauthorized'];
      readonly 403: components['responses']['Forbidden'];
      readonly 404: components['responses']['Problem'];
      readonly 409: components['responses']['Problem'];
      readonly 422: components['responses']['Problem'];
      readonly default: components['responses']['Problem'];
    };
  };
  readonly listEvidenceRequests: {
    readonly parameters: {
      readonly query?: {
        /** @description `out` made here, `in` received from another member. */
        readonly direction?: components['parameters']['Direction'];
        /** @description Rows a page. */
        readonly limit?: components['parameters']['Limit'];
      };
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description At most `limit`, newest first. */
      readonly 200: {
        headers: {
          readonly 'Correlation-Id': components['headers']['CorrelationId'];
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': {
            readonly requests: readonly components['schemas']['EvidenceRequest'][];
          };
        };
      };
      readonly 401: components['responses']['Unauthorized'];
      readonly 403: components['responses']['Forbidden'];
      readonly default: components['responses']['Problem'];
    };
  };
  readonly createEvidenceRequest: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly requestBody: {
      readonly content: {
        /**
         * @example {
         *       "to": "bank-a",
         *       "group": "evidence-desk",
         *       "purpose": "CRIMINAL_INVESTIGATION",
         *       "noticeNo": "沪公(经)调证字〔2026〕00001号",
         *       "caseRef": "CASE-2026-0042",
         *       "legalBasis": [
         *         "CPL-54"
         *       ],
         *       "items": [
         *         {
         *           "item": "1",
         *           "description": "Account statement of the straw borrower, 2026-01 to 2026-06"
         *         }
         *       ]
         *     }
         */
        readonly 'application/json': components['schemas']['EvidenceRequestDraft'];
      };
    };
    readonly responses: {
      /** @description Logged and on its way. */
      readonly 202: {
        headers: {
          readonly 'Correlation-Id': components['headers']['CorrelationId'];
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': components['schemas']['EvidenceRequest'];
        };
      };
      readonly 400: components['responses']['Problem'];
      readonly 401: components['responses']['Unauthorized'];
      readonly 403: components['responses']['Forbidden'];
      readonly 422: components['responses']['Problem'];
      readonly default: components['responses']['Problem'];
    };
  };
  readonly releaseEvidence: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        /**
         * @description The id that the creating call answered.
         * @example 01987f2e-7c1a-7000-8000-000000000001
         */
        readonly id: components['parameters']['Id'];
      };
      readonly cookie?: never;
    };
    readonly requestBody: {
      readonly content: {
        readonly 'application/json': components['schemas']['ReleaseDraft'];
      };
    };
    readonly responses: {
      /** @description Decided and logged; the response packet waits for the officer's signature. */
      readonly 201: {
        headers: {
          readonly Location: components['headers']['Location'];
          readonly 'Correlation-Id': components['headers']['CorrelationId'];
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': components['schemas']['Packet'];
        };
      };
      readonly 400: components['responses']['Problem'];
      readonly 401: components['responses']['Unauthorized'];
      readonly 403: components['responses']['Forbidden'];
      readonly 404: components['responses']['Problem'];
      readonly 409: components['responses']['Problem'];
      readonly 422: components['responses']['Problem'];
      readonly default: components['responses']['Problem'];
    };
  };
  readonly listOnwardRequests: {
    readonly parameters: {
      readonly query?: {
        /** @description `out` made here, `in` received from another member. */
        readonly direction?: components['parameters']['Direction'];
        /** @description Rows a page. */
        readonly limit?: components['parameters']['Limit'];
      };
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description At most `limit`, newest first. */
      readonly 200: {
        headers: {
          readonly 'Correlation-Id': components['headers']['CorrelationId'];
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': {
            readonly requests: readonly components['schemas']['OnwardRequest'][];
          };
        };
      };
      readonly 401: components['responses']['Unauthorized'];
      readonly 403: components['responses']['Forbidden'];
      readonly default: components['responses']['Problem'];
    };
  };
  readonly createOnwardRequest: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly requestBody: {
      readonly content: {
        /**
         * @example {
         *       "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
         *       "from": "regulator-r",
         *       "legalBasis": [
         *         "Order310-3"
         *       ],
         *       "to": "bank-a",
         *       "group": "case-transfer",
         *       "purpose": "CRIMINAL_TRANSFER",
         *       "reason": "银行需据此止付"
         *     }
         */
        readonly 'application/json': components['schemas']['OnwardRequestDraft'];
      };
    };
    readonly responses: {
      /** @description Logged and on its way. */
      readonly 202: {
        headers: {
          readonly 'Correlation-Id': components['headers']['CorrelationId'];
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': components['schemas']['OnwardRequest'];
        };
      };
      readonly 400: components['responses']['Problem'];
      readonly 401: components['responses']['Unauthorized'];
      readonly 403: components['responses']['Forbidden'];
      readonly 404: components['responses']['Problem'];
      readonly 422: components['responses']['Problem'];
      readonly default: components['responses']['Problem'];
    };
  };
  readonly decideOnwardRequest: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        /**
         * @description The id that the creating call answered.
         * @example 01987f2e-7c1a-7000-8000-000000000001
         */
        readonly id: components['parameters']['Id'];
      };
      readonly cookie?: never;
    };
    readonly requestBody: {
      readonly content: {
        readonly 'application/json': components['schemas']['OnwardDecision'];
      };
    };
    readonly responses: {
      /** @description Decided, logged and on its way to the holder. */
      readonly 200: {
        headers: {
          readonly 'Correlation-Id': components['headers']['CorrelationId'];
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': components['schemas']['OnwardRequest'];
        };
      };
      readonly 400: components['responses']['Problem'];
      readonly 401: components['responses']['Unauthorized'];
      readonly 403: components['responses']['Forbidden'];
      readonly 404: components['responses']['Problem'];
      readonly 409: components['responses']['Problem'];
      readonly 422: components['responses']['Problem'];
      readonly default: components['responses']['Problem'];
    };
  };
  readonly listDeliveries: {
    readonly parameters: {
      readonly query?: {
        /** @description Only deliveries in this state. */
        readonly state?: components['schemas']['DeliveryState'];
        /** @description Only deliveries to this member. */
        readonly to?: components['schemas']['MemberId'];
        /** @description `only`: refused and expired ones that nobody has answered for, and open ones that failed ten times or more. */
        readonly dead?: 'only';
        /** @description Rows a page. */
        readonly limit?: components['parameters']['Limit'];
      };
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description At most `limit`, newest first. */
      readonly 200: {
        headers: {
          readonly 'Correlation-Id': components['headers']['CorrelationId'];
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': {
            readonly deliveries: readonly components['schemas']['Delivery'][];
          };
        };
      };
      readonly 401: components['responses']['Unauthorized'];
      readonly 403: components['responses']['Forbidden'];
      readonly default: components['responses']['Problem'];
    };
  };
  readonly getDelivery: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        /**
         * @description The id that the creating call answered.
         * @example 01987f2e-7c1a-7000-8000-000000000001
         */
        readonly id: components['parameters']['Id'];
      };
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description The delivery. */
      readonly 200: {
        headers: {
          readonly 'Correlation-Id': components['headers']['CorrelationId'];
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': components['schemas']['DeliveryDetail'];
        };
      };
      readonly 401: components['responses']['Unauthorized'];
      readonly 403: components['responses']['Forbidden'];
      readonly 404: components['responses']['Problem'];
      readonly default: components['responses']['Problem'];
    };
  };
  readonly retryDelivery: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        /**
         * @description The id that the creating call answered.
         * @example 01987f2e-7c1a-7000-8000-000000000001
         */
        readonly id: components['parameters']['Id'];
      };
      readonly cookie?: never;
    };
    readonly requestBody: {
      readonly content: {
        /** @example {} */
        readonly 'application/json': components['schemas']['Nothing'];
      };
    };
    readonly responses: {
      /** @description It is on its way; look for the `mid` that is answered. */
      readonly 202: {
        headers: {
          readonly 'Correlation-Id': components['headers']['CorrelationId'];
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': components['schemas']['RetriedDelivery'];
        };
      };
      readonly 400: components['responses']['Problem'];
      readonly 401: components['responses']['Unauthorized'];
      readonly 403: components['responses']['Forbidden'];
      readonly 404: components['responses']['Problem'];
      readonly 409: components['responses']['Problem'];
      readonly default: components['responses']['Problem'];
    };
  };
  readonly giveUpDelivery: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        /**
         * @description The id that the creating call answered.
         * @example 01987f2e-7c1a-7000-8000-000000000001
         */
        readonly id: components['parameters']['Id'];
      };
      readonly cookie?: never;
    };
    readonly requestBody: {
      readonly content: {
        /**
         * @example {
         *       "reason": "told-otherwise"
         *     }
         */
        readonly 'application/json': components['schemas']['GivingUp'];
      };
    };
    readonly responses: {
      /** @description Ended, and logged. */
      readonly 200: {
        headers: {
          readonly 'Correlation-Id': components['headers']['CorrelationId'];
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': components['schemas']['DeliveryDetail'];
        };
      };
      readonly 400: components['responses']['Problem'];
      readonly 401: components['responses']['Unauthorized'];
      readonly 403: components['responses']['Forbidden'];
      readonly 404: components['responses']['Problem'];
      readonly 409: components['responses']['Problem'];
      readonly default: components['responses']['Problem'];
    };
  };
  readonly getDeliveryEvidence: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        /**
         * @description The id that the creating call answered.
         * @example 01987f2e-7c1a-7000-8000-000000000001
         */
        readonly id: components['parameters']['Id'];
      };
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description The file, byte for byte. */
      readonly 200: {
        headers: {
          readonly 'Correlation-Id': components['headers']['CorrelationId'];
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': components['schemas']['UndeliveredFile'];
        };
      };
      readonly 401: components['responses']['Unauthorized'];
      readonly 403: components['responses']['Forbidden'];
      readonly 404: components['responses']['Problem'];
      readonly 409: components['responses']['Problem'];
      readonly default: components['responses']['Problem'];
    };
  };
  readonly getQueue: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description One row for each peer that something waits for, or that was called since the start. */
      readonly 200: {
        headers: {
          readonly 'Correlation-Id': components['headers']['CorrelationId'];
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': {
            readonly peers: readonly components['schemas']['PeerQueue'][];
          };
        };
      };
      readonly 401: components['responses']['Unauthorized'];
      readonly 403: components['responses']['Forbidden'];
      readonly default: components['responses']['Problem'];
    };
  };
  readonly reconcileQueue: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly requestBody: {
      readonly content: {
        /**
         * @example {
         *       "peer": "insurer-b",
         *       "days": 7
         *     }
         */
        readonly 'application/json': components['schemas']['ReconciliationOrder'];
      };
    };
    readonly responses: {
      /** @description What the peers said. */
      readonly 200: {
        headers: {
          readonly 'Correlation-Id': components['headers']['CorrelationId'];
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': {
            readonly peers: readonly components['schemas']['PeerReconciliation'][];
          };
        };
      };
      readonly 400: components['responses']['Problem'];
      readonly 401: components['responses']['Unauthorized'];
      readonly 403: components['responses']['Forbidden'];
      readonly 404: components['responses']['Problem'];
      readonly default: components['responses']['Problem'];
    };
  };
  readonly catchUpQueue: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly requestBody: {
      readonly content: {
        /**
         * @example {
         *       "group": "fraud-features",
         *       "from": "bank-a"
         *     }
         */
        readonly 'application/json': components['schemas']['CatchUpOrder'];
      };
    };
    readonly responses: {
      /** @description What each peer had. */
      readonly 200: {
        headers: {
          readonly 'Correlation-Id': components['headers']['CorrelationId'];
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': {
            readonly peers: readonly components['schemas']['CatchUpReport'][];
          };
        };
      };
      readonly 400: components['responses']['Problem'];
      readonly 401: components['responses']['Unauthorized'];
      readonly 403: components['responses']['Forbidden'];
      readonly 404: components['responses']['Problem'];
      readonly default: components['responses']['Problem'];
    };
  };
  readonly getLedgerEntry: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        /**
         * @description Position in the ledger, from 0.
         * @example 17
         */
        readonly index: string;
      };
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description The entry. */
      readonly 200: {
        headers: {
          readonly 'Correlation-Id': components['headers']['CorrelationId'];
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': components['schemas']['LedgerEntry'];
        };
      };
      readonly 401: components['responses']['Unauthorized'];
      readonly 403: components['responses']['Forbidden'];
      readonly 404: components['responses']['Problem'];
      readonly default: components['responses']['Problem'];
    };
  };
  readonly getLedgerProof: {
    readonly parameters: {
      readonly query?: {
        /** @description Whether the sealed envelope goes in, and with it what was sent. */
        readonly envelope?: 'with' | 'without';
      };
      readonly header?: never;
      readonly path: {
        /**
         * @description Id of a message (`mid` of a delivery, `Exchange-Id`), of a packet (its last offer), or the index of an entry in the ledger.
         * @example 01987f2e-7c1a-7000-8000-000000000001
         */
        readonly id: string;
      };
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description The file. */
      readonly 200: {
        headers: {
          readonly 'Correlation-Id': components['headers']['CorrelationId'];
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': components['schemas']['LedgerProof'];
        };
      };
      readonly 401: components['responses']['Unauthorized'];
      readonly 403: components['responses']['Forbidden'];
      readonly 404: components['responses']['Problem'];
      readonly default: components['responses']['Problem'];
    };
  };
  readonly getLedgerCheckpoint: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description A C2SP tlog-checkpoint (signed note). */
      readonly 200: {
        headers: {
          readonly 'Correlation-Id': components['headers']['CorrelationId'];
          readonly [name: string]: unknown;
        };
        content: {
          /**
           * @example bank-a.example/ledger
           *     1042
           *     n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=
           *
           *     — bank-a.example/ledger …
           */
          readonly 'text/plain': string;
        };
      };
      readonly 401: components['responses']['Unauthorized'];
      readonly 403: components['responses']['Forbidden'];
      readonly default: components['responses']['Problem'];
    };
  };
  readonly getLedgerWatch: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description The state of the watch. */
      readonly 200: {
        headers: {
          readonly 'Correlation-Id': components['headers']['CorrelationId'];
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': components['schemas']['LedgerWatch'];
        };
      };
      readonly 401: components['responses']['Unauthorized'];
      readonly 403: components['responses']['Forbidden'];
      readonly default: components['responses']['Problem'];
    };
  };
  readonly explainGrants: {
    readonly parameters: {
      readonly query: {
        /**
         * @description Who would act.
         * @example bank-a
         */
        readonly member: string;
        readonly right: components['schemas']['Right'];
        /**
         * @description Sharing group, as the registry names it.
         * @example broker-features
         */
        readonly group: components['schemas']['GroupId'];
        /**
         * @description Kind of content, as grants name it.
         * @example feature-batch
         */
        readonly kind: string;
        /** @example RISK_PREVENTION */
        readonly purpose: components['schemas']['Purpose'];
        /**
         * @description What is claimed; give the parameter once for each.
         * @example [
         *       "PIPL-13"
         *     ]
         */
        readonly legalBasis?: readonly string[];
        /** @description Highest data grade (JR/T 0197). Default 0, the lowest. */
        readonly grade?: number;
        /** @description Whether personal values would travel in clear. */
        readonly personal?: boolean;
      };
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description Permit or refusal, and why. */
      readonly 200: {
        headers: {
          readonly 'Correlation-Id': components['headers']['CorrelationId'];
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': components['schemas']['Explanation'];
        };
      };
      readonly 401: components['responses']['Unauthorized'];
      readonly 403: components['responses']['Forbidden'];
      readonly default: components['responses']['Problem'];
    };
  };
  readonly peerMessages: {
    readonly parameters: {
      readonly query?: never;
      readonly header: {
        /** @description Mandatory; Transfer-Encoding and Content-Encoding are refused. */
        readonly 'Content-Length': components['parameters']['ContentLength'];
        /** @description RFC 9530 digest of the exact body bytes. */
        readonly 'Content-Digest': components['parameters']['ContentDigest'];
        /** @description Compact JWS of typ `lzx-req+jwt`, at most 4 KiB, claims exactly those of exchange profile 1. */
        readonly 'Exchange-Token': components['parameters']['ExchangeToken'];
        /** @description UUIDv7, the idempotency key; the same for every retry, equal to the claim `mid`. */
        readonly 'Exchange-Id': components['parameters']['ExchangeId'];
      };
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly requestBody: {
      readonly content: {
        readonly 'application/json': components['schemas']['PeerMessage'];
      };
    };
    readonly responses: {
      /** @description Accepted, logged and durable. */
      readonly 200: {
        headers: {
          readonly 'Content-Digest': components['headers']['ContentDigest'];
          readonly 'Exchange-Token': components['headers']['ExchangeToken'];
          readonly 'Correlation-Id': components['headers']['CorrelationId'];
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': components['schemas']['PeerAcceptance'];
        };
      };
      readonly 400: components['responses']['PeerProblem'];
      readonly 401: components['responses']['PeerProblem'];
      readonly 403: components['responses']['PeerProblem'];
      readonly 409: components['responses']['PeerProblem'];
      readonly 422: components['responses']['PeerProblem'];
      readonly 429: components['responses']['PeerProblem'];
      readonly 503: components['responses']['PeerProblem'];
      readonly default: components['responses']['PeerProblem'];
    };
  };
  readonly peerStatus: {
    readonly parameters: {
      readonly query?: never;
      readonly header: {
        /** @description Mandatory; Transfer-Encoding and Content-Encoding are refused. */
        readonly 'Content-Length': components['parameters']['ContentLength'];
        /** @description RFC 9530 digest of the exact body bytes. */
        readonly 'Content-Digest': components['parameters']['ContentDigest'];
        /** @description Compact JWS of typ `lzx-req+jwt`, at most 4 KiB, claims exactly those of exchange profile 1. */
        readonly 'Exchange-Token': components['parameters']['ExchangeToken'];
        /** @description UUIDv7, the idempotency key; the same for every retry, equal to the claim `mid`. */
        readonly 'Exchange-Id': components['parameters']['ExchangeId'];
      };
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly requestBody: {
      readonly content: {
        /**
         * @example {
         *       "ids": [
         *         "01987f2e-7c1a-7000-8000-000000000001"
         *       ]
         *     }
         */
        readonly 'application/json': components['schemas']['PeerStatusRequest'];
      };
    };
    readonly responses: {
      /** @description One result for each id, in the order asked. */
      readonly 200: {
        headers: {
          readonly 'Content-Digest': components['headers']['ContentDigest'];
          readonly 'Exchange-Token': components['headers']['ExchangeToken'];
          readonly 'Correlation-Id': components['headers']['CorrelationId'];
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': components['schemas']['PeerStatusAnswer'];
        };
      };
      readonly 400: components['responses']['PeerProblem'];
      readonly 401: components['responses']['PeerProblem'];
      readonly 403: components['responses']['PeerProblem'];
      readonly default: components['responses']['PeerProblem'];
    };
  };
  readonly peerParts: {
    readonly parameters: {
      readonly query?: never;
      readonly header: {
        /** @description Mandatory; Transfer-Encoding and Content-Encoding are refused. */
        readonly 'Content-Length': components['parameters']['ContentLength'];
        /** @description RFC 9530 digest of the exact body bytes. */
        readonly 'Content-Digest': components['parameters']['ContentDigest'];
        /** @description Compact JWS of typ `lzx-req+jwt`, at most 4 KiB, claims exactly those of exchange profile 1. */
        readonly 'Exchange-Token': components['parameters']['ExchangeToken'];
        /** @description UUIDv7, the idempotency key; the same for every retry, equal to the claim `mid`. */
        readonly 'Exchange-Id': components['parameters']['ExchangeId'];
      };
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly requestBody: {
      readonly content: {
        readonly 'application/json': components['schemas']['PeerPartRequest'];
      };
    };
    readonly responses: {
      /** @description The bytes of the part; `cdg` of the signed answer is their digest. */
      readonly 200: {
        headers: {
          readonly 'Content-Digest': components['headers']['ContentDigest'];
          readonly 'Exchange-Token': components['headers']['ExchangeToken'];
          readonly 'Correlation-Id': components['headers']['CorrelationId'];
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/octet-stream': string;
        };
      };
      readonly 400: components['responses']['PeerProblem'];
      readonly 401: components['responses']['PeerProblem'];
      readonly 403: components['responses']['PeerProblem'];
      readonly 404: components['responses']['PeerProblem'];
      readonly default: components['responses']['PeerProblem'];
    };
  };
  readonly peerFeed: {
    readonly parameters: {
      readonly query?: never;
      readonly header: {
        /** @description Mandatory; Transfer-Encoding and Content-Encoding are refused. */
        readonly 'Content-Length': components['parameters']['ContentLength'];
        /** @description RFC 9530 digest of the exact body bytes. */
        readonly 'Content-Digest': components['parameters']['ContentDigest'];
        /** @description Compact JWS of typ `lzx-req+jwt`, at most 4 KiB, claims exactly those of exchange profile 1. */
        readonly 'Exchange-Token': components['parameters']['ExchangeToken'];
        /** @description UUIDv7, the idempotency key; the same for every retry, equal to the claim `mid`. */
        readonly 'Exchange-Id': components['parameters']['ExchangeId'];
      };
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly requestBody: {
      readonly content: {
        /**
         * @example {
         *       "group": "fraud-features",
         *       "cursor": null,
         *       "limit": 100
         *     }
         */
        readonly 'application/json': components['schemas']['PeerFeedRequest'];
      };
    };
    readonly responses: {
      /** @description A page. `more` false means that nothing stands behind its cursor yet. */
      readonly 200: {
        headers: {
          readonly 'Content-Digest': components['headers']['ContentDigest'];
          readonly 'Exchange-Token': components['headers']['ExchangeToken'];
          readonly 'Correlation-Id': components['headers']['CorrelationId'];
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': components['schemas']['PeerFeedAnswer'];
        };
      };
      readonly 400: components['responses']['PeerProblem'];
      readonly 401: components['responses']['PeerProblem'];
      readonly 403: components['responses']['PeerProblem'];
      readonly default: components['responses']['PeerProblem'];
    };
  };
  readonly peerRegistry: {
    readonly parameters: {
      readonly query?: never;
      readonly header: {
        /** @description Mandatory; Transfer-Encoding and Content-Encoding are refused. */
        readonly 'Content-Length': components['parameters']['ContentLength'];
        /** @description RFC 9530 digest of the exact body bytes. */
        readonly 'Content-Digest': components['parameters']['ContentDigest'];
        /** @description Compact JWS of typ `lzx-req+jwt`, at most 4 KiB, claims exactly those of exchange profile 1. */
        readonly 'Exchange-Token': components['parameters']['ExchangeToken'];
        /** @description UUIDv7, the idempotency key; the same for every retry, equal to the claim `mid`. */
        readonly 'Exchange-Id': components['parameters']['ExchangeId'];
      };
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly requestBody: {
      readonly content: {
        readonly 'application/json': components['schemas']['PeerRegistryRequest'];
      };
    };
    readonly responses: {
      /** @description What the peer holds. */
      readonly 200: {
        headers: {
          readonly 'Content-Digest': components['headers']['ContentDigest'];
          readonly 'Exchange-Token': components['headers']['ExchangeToken'];
          readonly 'Correlation-Id': components['headers']['CorrelationId'];
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': components['schemas']['PeerRegistryAnswer'];
        };
      };
      readonly 400: components['responses']['PeerProblem'];
      readonly 401: components['responses']['PeerProblem'];
      readonly 403: components['responses']['PeerProblem'];
      readonly default: components['responses']['PeerProblem'];
    };
  };
  readonly peerLedgerCheckpoint: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description A C2SP tlog-checkpoint (signed note). */
      readonly 200: {
        headers: {
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'text/plain': string;
        };
      };
      readonly 403: components['responses']['Problem'];
      readonly default: components['responses']['Problem'];
    };
  };
  readonly peerLedgerMessage: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        readonly mid: string;
      };
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description The entries, in the order of the log. */
      readonly 200: {
        headers: {
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': {
            readonly entries: readonly {
              readonly index: number;
              /** @description Exact bytes of the entry. */
              readonly entry: string;
              /** @description C2SP tlog-proof of the entry. */
              readonly proof: string;
            }[];
          };
        };
      };
      readonly 403: components['responses']['Problem'];
      /** @description No such message of this pair. */
      readonly 404: {
        headers: {
          readonly [name: string]: unknown;
        };
        content?: never;
      };
      readonly default: components['responses']['Problem'];
    };
  };
  readonly peerAddCheckpoint: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly requestBody: {
      readonly content: {
        readonly 'text/plain': string;
      };
    };
    readonly responses: {
      /** @description Cosignature lines. */
      readonly 200: {
        headers: {
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'text/plain': string;
        };
      };
      /** @description The request is malformed, or the old size is beyond the checkpoint. */
      readonly 400: {
        headers: {
          readonly [name: string]: unknown;
        };
        content?: never;
      };
      /** @description No registered key of the log signed. */
      readonly 403: {
        headers: {
          readonly [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The log is not known here, or this gateway is no witness. */
      readonly 404: {
        headers: {
          readonly [name: string]: unknown;
        };
        content?: never;
      };
      /** @description Another size was cosigned last. */
      readonly 409: {
        headers: {
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'text/x.tlog.size': string;
        };
      };
      /** @description The consistency proof does not hold. */
      readonly 422: {
        headers: {
          readonly [name: string]: unknown;
        };
        content?: never;
      };
      readonly 503: components['responses']['Problem'];
      readonly default: components['responses']['Problem'];
    };
  };
  readonly peerWitnessedCheckpoint: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        /** @description SHA-256 of the log's origin, lowercase hex. */
        readonly origin: string;
      };
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description The log's note with our cosignature. */
      readonly 200: {
        headers: {
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'text/plain': string;
        };
      };
      /** @description Nothing was cosigned. */
      readonly 404: {
        headers: {
          readonly [name: string]: unknown;
        };
        content?: never;
      };
      readonly default: components['responses']['Problem'];
    };
  };
  readonly peerReceipts: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path?: never;
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description Exchange tokens, the latest first. */
      readonly 200: {
        headers: {
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/json': {
            readonly tokens: readonly string[];
          };
        };
      };
      readonly 403: components['responses']['Problem'];
      readonly default: components['responses']['Problem'];
    };
  };
  readonly peerLedgerTile: {
    readonly parameters: {
      readonly query?: never;
      readonly header?: never;
      readonly path: {
        /**
         * @description `<L>/<N>[.p/<W>]` for hashes or `entries/<N>[.p/<W>]` for entry bundles, as C2SP tlog-tiles says; it contains slashes.
         * @example entries/000.p/17
         */
        readonly path: string;
      };
      readonly cookie?: never;
    };
    readonly requestBody?: never;
    readonly responses: {
      /** @description The tile. */
      readonly 200: {
        headers: {
          readonly [name: string]: unknown;
        };
        content: {
          readonly 'application/octet-stream': string;
        };
      };
      readonly 403: components['responses']['Problem'];
      /** @description No such tile for this caller. */
      readonly 404: {
        headers: {
          readonly [name: string]: unknown;
        };
        content?: never;
      };
      readonly default: components['responses']['Problem'];
    };
  };
}

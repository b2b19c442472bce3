/** Generated from openapi.yaml by scripts/generate.ts; do not edit. */
export interface paths {
  '/v1/health': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Is this gateway ready?
     * @description `200` when ready. `503` when not, with one reason for each thing that is wrong: `database`, `ledger`, `registry`
     *     (expired or not fresh), `blobs` (over the reserve), `clock`. Needs no token, so that a load balancer can ask.
     */
    get: operations['getHealth'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/metrics': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Metrics in the Prometheus text format
     * @description Counts and durations only, never names, values or ids of cases. Keep the member plane off public networks.
     */
    get: operations['getMetrics'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/groups/{group}/features': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /**
         * @description Sharing group, as the registry names it.
         * @example industry-fraud
         */
        group: components['parameters']['Group'];
      };
      cookie?: never;
    };
    /**
     * List the features of a group
     * @description Your own and the other members' features of the group, oldest first. Page with `after` until `next` is missing.
     */
    get: operations['listFeatures'];
    put?: never;
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
    post: operations['pushFeatures'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/screenings': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Screen applicants against the shared features
     * @description For each subject the gateway recommends `pass`, `review` or `block`, with the reasons, the ids of the features that matched
     *     and how many members contributed them. A person decides (个人信息保护法 24). The ledger gets salted commitments, never the values.
     */
    post: operations['createScreening'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/blobs': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Upload one file
     * @description The body is the file itself, of any size up to the gateway's quota; it is written as it comes in and never held in memory.
     *     Give `Content-Digest: sha-256=:…:` (RFC 9530) and the gateway refuses a file that differs (`blob.digest-mismatch`). The answer
     *     is the reference that packets use. The same file twice is stored once.
     */
    post: operations['putBlob'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/packets': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List packets, newest first */
    get: operations['listPackets'];
    put?: never;
    /**
     * Assemble a packet from a draft and uploaded files
     * @description Checks the draft against the packet schema, opens the custody log, and fixes the manifest that people sign. Files are named by
     *     the `sha256` that `POST /v1/blobs` answered. Next: `GET …/manifest`, sign it locally, `POST …/signatures`.
     */
    post: operations['assemblePacket'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/packets/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /**
         * @description The id that the creating call answered.
         * @example 01987f2e-7c1a-7000-8000-000000000001
         */
        id: components['parameters']['Id'];
      };
      cookie?: never;
    };
    /** Read one packet's state */
    get: operations['getPacket'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/packets/{id}/manifest': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /**
         * @description The id that the creating call answered.
         * @example 01987f2e-7c1a-7000-8000-000000000001
         */
        id: components['parameters']['Id'];
      };
      cookie?: never;
    };
    /**
     * The bytes that people sign
     * @description `META-INF/ASiCManifest001.xml` of the container: a digest of every file in the packet. Sign exactly these bytes as
     *     detached CAdES (`lianzheng packet sign` does it); the private key stays with the person.
     */
    get: operations['getManifest'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/packets/{id}/signatures': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /**
         * @description The id that the creating call answered.
         * @example 01987f2e-7c1a-7000-8000-000000000001
         */
        id: components['parameters']['Id'];
      };
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Add one person's signature
     * @description The body is a DER CMS SignedData, detached, with one SignerInfo over the manifest. The signer's certificate must be one of the
     *     packet's signatories and registered for that role (`packet.signer-unregistered`). When the last signatory has signed,
     *     the container is written and the state becomes `signed`.
     */
    post: operations['addSignature'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/packets/{id}/transfers': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /**
         * @description The id that the creating call answered.
         * @example 01987f2e-7c1a-7000-8000-000000000001
         */
        id: components['parameters']['Id'];
      };
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Transfer a signed packet to another member
     * @description Offers the bundle to the member named in `to`. The receiver pulls it part by part and verifies it. Follow the state with
     *     `GET /v1/packets/{id}`: `transferred`, then `receipted` when the receiver's officer has signed the receipt.
     */
    post: operations['transferPacket'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/packets/{id}/bundle': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /**
         * @description The id that the creating call answered.
         * @example 01987f2e-7c1a-7000-8000-000000000001
         */
        id: components['parameters']['Id'];
      };
      cookie?: never;
    };
    /**
     * Download the container
     * @description The `.asice` file, streamed. A broken download resumes with `Range: bytes=<from>-` (one range); compare the whole with the digest in
     *     `Repr-Digest`. Verify it with `lianzheng verify FILE --anchors anchors.json`.
     */
    get: operations['getBundle'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/packets/{id}/receipt': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /**
         * @description The id that the creating call answered.
         * @example 01987f2e-7c1a-7000-8000-000000000001
         */
        id: components['parameters']['Id'];
      };
      cookie?: never;
    };
    /**
     * The receipt document to sign
     * @description Canonical JSON that says what was received, when, and with which digests. Sign exactly these bytes.
     */
    get: operations['getReceipt'];
    put?: never;
    /**
     * Send the signed receipt back
     * @description The body is a DER CMS SignedData, detached, with one SignerInfo over the receipt document.
     */
    post: operations['signReceipt'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/evidence-requests': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List evidence requests, newest first */
    get: operations['listEvidenceRequests'];
    put?: never;
    /**
     * Ask another member for evidence
     * @description Sends the items wanted and the number of the 调取证据通知书 to the member that holds them.
     */
    post: operations['createEvidenceRequest'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/evidence-requests/{id}/releases': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /**
         * @description The id that the creating call answered.
         * @example 01987f2e-7c1a-7000-8000-000000000001
         */
        id: components['parameters']['Id'];
      };
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Decide on a request, item by item
     * @description The holder's officer releases or refuses each item; a refusal needs a reason. The answer is an EVIDENCE_RESPONSE packet that the
     *     officer signs (`GET …/manifest`, `POST …/signatures`); once signed it is offered to the requester by itself.
     */
    post: operations['releaseEvidence'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/deliveries': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * What was sent to whom, and what became of it
     * @description One row for each message and recipient: `pending → sent → acked | refused | expired`. A refused row carries the peer's code; a
     *     pending one says when it is tried next. Newest first.
     */
    get: operations['listDeliveries'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/ledger/entries/{index}': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /**
         * @description Position in the ledger, from 0.
         * @example 17
         */
        index: string;
      };
      cookie?: never;
    };
    /**
     * One ledger entry with its inclusion proof
     * @description `proof` is a whole C2SP tlog-proof file; save it and verify it with any tool of that format.
     */
    get: operations['getLedgerEntry'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/ledger/checkpoint': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** The latest signed checkpoint of this gateway's ledger */
    get: operations['getLedgerCheckpoint'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/x/v1/messages': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Hand over one sealed envelope
     * @description The body is an envelope (flattened JWS over canonical JSON) and, for personal values, the disclosures beside it.
     *     Checks run in the order of exchange profile 1: TLS and registry, headers, token, signature, replay, body digest, strict JSON, schema,
     *     grant. The effect and its ledger entry commit together; a repeat of the same `Exchange-Id` with the same body gives the same answer
     *     again with `rpl` true, with another body `409 exchange.id-conflict`.
     */
    post: operations['peerMessages'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/x/v1/status': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Ask what became of messages
     * @description For up to 1,000 message ids of the caller: `accepted` with the ledger entry, or `unknown`. The delivery worker asks after any
     *     answer that was lost.
     */
    post: operations['peerStatus'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/x/v1/parts': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Pull one part of an offered bundle
     * @description Only the member that the bundle was offered to gets an answer; for everyone else the part does not exist (`part.not-found`). Parts
     *     may be pulled in any order and again; a pull that broke goes on with the parts not yet held.
     */
    post: operations['peerParts'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/ledger/checkpoint': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * The latest signed checkpoint
     * @description C2SP tlog-tiles. Needs a certificate of the registry and an audit grant, but no token, so that stock tools work.
     */
    get: operations['peerLedgerCheckpoint'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/ledger/tile/{path}': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /**
         * @description `<L>/<N>[.p/<W>]` for hashes or `entries/<N>[.p/<W>]` for entry bundles, as C2SP tlog-tiles says; it contains slashes.
         * @example entries/000.p/17
         */
        path: string;
      };
      cookie?: never;
    };
    /**
     * One tile or entry bundle
     * @description Full tiles never change and may be cached for ever.
     */
    get: operations['peerLedgerTile'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
}
export type webhooks = Record<string, never>;
export interface components {
  schemas: {
    /** @description RFC 9457 problem. */
    Problem: {
      /** @description `urn:lianzheng:error:` and the code. */
      type: string;
      title: string;
      status: number;
      /** @description Stable; listed in docs/errors.md. */
      code: string;
      /** @description What was expected, what came, what to do. Missing in 5xx answers. */
      detail?: string;
      /** Format: uuid */
      correlationId: string;
      /** @description Details for programs, e.g. a line number. */
      facts?: {
        [key: string]: unknown;
      };
    };
    /** @description Member id in the registry. */
    MemberId: string;
    /** @description Sharing group id in the registry. */
    GroupId: string;
    Purpose: string;
    LegalBasis: string[];
    /** @description Opaque. */
    Cursor: string;
    /** @enum {string} */
    Direction: 'in' | 'out';
    Sha256: string;
    /** Format: date-time */
    Timestamp: string;
    /** @description Position of an act in a ledger. */
    EntryRef: {
      /** @description Name of the ledger. */
      origin: string;
      index: number;
      leaf: components['schemas']['Sha256'];
      /** @description Size of the tree whose root follows. */
      size?: number;
      root?: components['schemas']['Sha256'];
    };
    Health: {
      /** @enum {string} */
      status: 'ready' | 'not-ready';
      member: components['schemas']['MemberId'];
      reasons: {
        part: string;
        code: string;
        message: string;
      }[];
      registry?: {
        serial: number;
        sha256: components['schemas']['Sha256'];
      };
      ledger?: {
        size: number;
        root: string;
      };
    };
    /** @description What the feature was seen in. */
    FeatureContext: {
      /** @description Offence codes, e.g. `CL-193` (骗取贷款罪, Criminal Law art. 193). */
      offences?: string[];
      /** @enum {string} */
      chain?: 'info' | 'fund' | 'tech' | 'person';
      role?: string;
      behaviour?: string[];
      campaign?: string;
    };
    /** @description One feature to push. Types, normal forms and checks are in docs/protocol.md. */
    FeatureDraft: {
      /** @description e.g. `domain`, `phone`, `uscc`. */
      type: string;
      value: string;
      context?: components['schemas']['FeatureContext'];
      confidence?: number;
      firstSeen?: components['schemas']['Timestamp'];
      lastSeen?: components['schemas']['Timestamp'];
      validFrom?: components['schemas']['Timestamp'];
      validUntil?: components['schemas']['Timestamp'];
      tlp?: string;
      /** @description JR/T 0197 grade. */
      grade?: number;
      source?: string;
      counterIndications?: string;
    };
    Feature: {
      id: string;
      type: string;
      /** @description Missing when the personal value was erased. */
      value?: string;
      group: components['schemas']['GroupId'];
      member: components['schemas']['MemberId'];
      context?: components['schemas']['FeatureContext'];
      confidence?: number;
      receivedAt?: components['schemas']['Timestamp'];
    } & {
      [key: string]: unknown;
    };
    PushReport: {
      accepted: number;
      /** @description Features pushed before; each counts as a sighting. */
      duplicates: number;
      /** @description The first 1,000 refused lines. */
      refused: {
        line: number;
        code: string;
        message: string;
      }[];
      /** @description All refused lines. */
      refusedCount?: number;
      /** @description Signed envelopes made, of up to 1,000 features. */
      batches: number;
      receipts: components['schemas']['EntryRef'][];
    };
    ScreeningRequest: {
      group?: components['schemas']['GroupId'];
      purpose: components['schemas']['Purpose'];
      /** @description Your own reference, e.g. the loan application. */
      caseRef: string;
      subjects: {
        /** @description Your own name for the subject. */
        ref: string;
        features: {
          type: string;
          value: string;
        }[];
      }[];
    };
    ScreeningReport: {
      /** Format: uuid */
      id: string;
      results: components['schemas']['ScreeningResult'][];
      receipt: components['schemas']['EntryRef'];
    };
    ScreeningResult: {
      ref: string;
      /** @enum {string} */
      outcome: 'pass' | 'review' | 'block';
      reasons: unknown[];
      featureIds: string[];
      /** @description How many members contributed. */
      members: number;
      confidence: number;
    } & {
      [key: string]: unknown;
    };
    Blob: {
      sha256: components['schemas']['Sha256'];
      /** @description GB/T 32905 digest. */
      sm3: string;
      size: number;
    };
    /**
     * @description Made here: `assembled → sealing → signed → transferred → receipted`. Received: `offered → pulling → pulled → received → receipted`, or
     *     `rejected` (the bundle fails its checks), or `failed` (the pull was given up).
     * @enum {string}
     */
    PacketState:
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
     *     digests, then checks the whole against schemas/packet.json. samples/cases/ holds ten worked examples.
     */
    PacketDraft: {
      /** @description e.g. `CASE_TRANSFER`, `LEAD_NOTICE`, `INSTITUTION_REPORT`. */
      packetType: string;
    } & {
      [key: string]: unknown;
    };
    Packet: {
      /** Format: uuid */
      packetId: string;
      type: string;
      state: components['schemas']['PacketState'];
      manifestSha256?: components['schemas']['Sha256'];
    } & {
      [key: string]: unknown;
    };
    EvidenceRequestDraft: {
      to: components['schemas']['MemberId'];
      group: components['schemas']['GroupId'];
      purpose?: components['schemas']['Purpose'];
      /** @description Number of the 调取证据通知书. */
      noticeNo: string;
      caseRef: string;
      legalBasis: components['schemas']['LegalBasis'];
      items: ({
        /** @description Number of the wanted item within the request. */
        item: string;
        description: string;
      } & {
        [key: string]: unknown;
      })[];
    };
    EvidenceRequest: {
      /** Format: uuid */
      requestId: string;
      state: string;
    } & {
      [key: string]: unknown;
    };
    ReleaseDraft: {
      decisions: ({
        item: string;
        release: boolean;
        /** @description Needed when the item is not released. */
        reason?: string;
      } & {
        [key: string]: unknown;
      })[];
    } & {
      [key: string]: unknown;
    };
    /** @enum {string} */
    DeliveryState: 'pending' | 'sent' | 'acked' | 'refused' | 'expired';
    Delivery: {
      /** Format: uuid */
      mid: string;
      to: components['schemas']['MemberId'];
      kind: string;
      state: components['schemas']['DeliveryState'];
      attempts?: number;
      nextAttemptAt?: components['schemas']['Timestamp'];
      /** @description The code of the last failure or of the peer's refusal. */
      code?: string;
      receipt?: components['schemas']['EntryRef'];
    } & {
      [key: string]: unknown;
    };
    LedgerEntry: {
      origin: string;
      index: number;
      leaf: components['schemas']['Sha256'];
      /** @description Canonical JSON; its RFC 6962 leaf hash is `leaf`. */
      entry: string;
      size?: number;
      root?: components['schemas']['Sha256'];
      checkpoint?: string;
      /** @description C2SP tlog-proof file. */
      proof: string;
    };
    Disclosure: {
      salt: string;
      value: string;
    };
    PeerMessage: {
      /** @description base64url of exactly `{"alg","kid","typ":"lz-env+jws"}`. */
      protected: string;
      /** @description base64url of the canonical JSON of the envelope content. */
      payload: string;
      signature: string;
      disclosures?: components['schemas']['Disclosure'][];
    };
    PeerAcceptance: {
      /** @constant */
      status: 'accepted';
      /** Format: uuid */
      id: string;
      /** @description The receiver's ledger entry. */
      entry: string;
      /** @description C2SP tlog-proof of that entry. */
      proof: string;
      result?: {
        [key: string]: unknown;
      };
    };
    PeerStatusRequest: {
      ids: string[];
    };
    PeerStatusAnswer: {
      results: {
        /** Format: uuid */
        id: string;
        /** @enum {string} */
        state: 'accepted' | 'unknown';
        receipt?: components['schemas']['EntryRef'];
      }[];
    };
    PeerPartRequest: {
      /**
       * Format: uuid
       * @description Id of the message that offered the bundle.
       */
      transfer: string;
      sha256: components['schemas']['Sha256'];
      /** @description Number of the part, from 0. */
      n: number;
    };
  };
  responses: {
    /** @description Refused; `code` says why and docs/errors.md what to do. */
    Problem: {
      headers: {
        'Correlation-Id': components['headers']['CorrelationId'];
        [name: string]: unknown;
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
        'application/problem+json': components['schemas']['Problem'];
      };
    };
    /** @description `auth.token-missing` or `auth.token-invalid`. */
    Unauthorized: {
      headers: {
        'Correlation-Id': components['headers']['CorrelationId'];
        /** @description RFC 6750 challenge. */
        'WWW-Authenticate'?: string;
        [name: string]: unknown;
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
        'application/problem+json': components['schemas']['Problem'];
      };
    };
    /** @description `auth.scope-missing`, or `grant.refused` when the alliance gives no grant. */
    Forbidden: {
      headers: {
        'Correlation-Id': components['headers']['CorrelationId'];
        [name: string]: unknown;
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
        'application/problem+json': components['schemas']['Problem'];
      };
    };
    /** @description Refused. Signed like any answer once the caller is authenticated; before that unsigned, without Exchange-Token. */
    PeerProblem: {
      headers: {
        'Correlation-Id': components['headers']['CorrelationId'];
        /** @description Missing when the caller was not authenticated. */
        'Exchange-Token'?: string;
        [name: string]: unknown;
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
        'application/problem+json': components['schemas']['Problem'];
      };
    };
  };
  parameters: {
    /**
     * @description Sharing group, as the registry names it.
     * @example industry-fraud
     */
    Group: components['schemas']['GroupId'];
    /**
     * @description The id that the creating call answered.
     * @example 01987f2e-7c1a-7000-8000-000000000001
     */
    Id: string;
    /**
     * @description Why the data is shared; the grant must list it.
     * @example credit-fraud-prevention
     */
    Purpose: components['schemas']['Purpose'];
    /**
     * @description Legal basis; give the parameter once for each.
     * @example [
     *       "反洗钱法-7"
     *     ]
     */
    Basis: components['schemas']['LegalBasis'];
    /** @description Cursor `next` of the page before. */
    After: components['schemas']['Cursor'];
    /** @description Rows a page. */
    Limit: number;
    /** @description `out` made here, `in` received from another member. */
    Direction: components['schemas']['Direction'];
    /** @description Mandatory; Transfer-Encoding and Content-Encoding are refused. */
    ContentLength: number;
    /** @description RFC 9530 digest of the exact body bytes. */
    ContentDigest: string;
    /** @description Compact JWS of typ `lzx-req+jwt`, at most 4 KiB, claims exactly those of exchange profile 1. */
    ExchangeToken: string;
    /** @description UUIDv7, the idempotency key; the same for every retry, equal to the claim `mid`. */
    ExchangeId: string;
  };
  requestBodies: never;
  headers: {
    /** @description Id of this call in the gateway's log; also in every problem answer. */
    CorrelationId: string;
    /** @description Where the new resource is read. */
    Location: string;
    /** @description RFC 9530 digest of the whole file, `sha-256=:…:`. */
    ReprDigest: string;
    /** @description RFC 9530 digest of the body, equal to the claim `cdg`. */
    ContentDigest: string;
    /** @description Compact JWS of typ `lzx-res+jwt` that signs this answer and binds it to the request (`rth`, `rjti`, `mid`). */
    ExchangeToken: string;
  };
  pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
  getHealth: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Ready. */
      200: {
        headers: {
          'Correlation-Id': components['headers']['CorrelationId'];
          [name: string]: unknown;
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
          'application/json': components['schemas']['Health'];
        };
      };
      /** @description Not ready; `reasons` says why. */
      503: {
        headers: {
          'Correlation-Id': components['headers']['CorrelationId'];
          [name: string]: unknown;
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
          'application/json': components['schemas']['Health'];
        };
      };
      default: components['responses']['Problem'];
    };
  };
  getMetrics: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Prometheus exposition format 0.0.4. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          /** @example lianzheng_http_requests_total{operation="getHealth",status="200"} 3 */
          'text/plain': string;
        };
      };
      default: components['responses']['Problem'];
    };
  };
  listFeatures: {
    parameters: {
      query?: {
        /** @description Cursor `next` of the page before. */
        after?: components['parameters']['After'];
        /** @description Rows a page. */
        limit?: components['parameters']['Limit'];
      };
      header?: never;
      path: {
        /**
         * @description Sharing group, as the registry names it.
         * @example industry-fraud
         */
        group: components['parameters']['Group'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description One page. */
      200: {
        headers: {
          'Correlation-Id': components['headers']['CorrelationId'];
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            features: components['schemas']['Feature'][];
            next?: components['schemas']['Cursor'];
          };
        };
      };
      401: components['responses']['Unauthorized'];
      403: components['responses']['Forbidden'];
      default: components['responses']['Problem'];
    };
  };
  pushFeatures: {
    parameters: {
      query: {
        /**
         * @description Why the data is shared; the grant must list it.
         * @example credit-fraud-prevention
         */
        purpose: components['parameters']['Purpose'];
        /**
         * @description Legal basis; give the parameter once for each.
         * @example [
         *       "反洗钱法-7"
         *     ]
         */
        basis: components['parameters']['Basis'];
        /** @description Refuse everything when one line is refused. */
        atomic?: boolean;
      };
      header?: never;
      path: {
        /**
         * @description Sharing group, as the registry names it.
         * @example industry-fraud
         */
        group: components['parameters']['Group'];
      };
      cookie?: never;
    };
    requestBody: {
      content: {
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
        'application/json': {
          features: components['schemas']['FeatureDraft'][];
        };
        /**
         * @example {"type":"domain","value":"loan-fast.example.com","confidence":80}
         *     {"type":"url","value":"https://loan-fast.example.com/apply","confidence":80}
         */
        'application/x-ndjson': string;
      };
    };
    responses: {
      /** @description What was accepted and what was refused, with the ledger entries of the batches. */
      200: {
        headers: {
          'Correlation-Id': components['headers']['CorrelationId'];
          [name: string]: unknown;
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
          'application/json': components['schemas']['PushReport'];
        };
      };
      400: components['responses']['Problem'];
      401: components['responses']['Unauthorized'];
      403: components['responses']['Forbidden'];
      422: components['responses']['Problem'];
      default: components['responses']['Problem'];
    };
  };
  createScreening: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "group": "industry-fraud",
         *       "purpose": "credit-fraud-prevention",
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
        'application/json': components['schemas']['ScreeningRequest'];
      };
    };
    responses: {
      /** @description One result for each subject, in the order asked. */
      200: {
        headers: {
          'Correlation-Id': components['headers']['CorrelationId'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ScreeningReport'];
        };
      };
      400: components['responses']['Problem'];
      401: components['responses']['Unauthorized'];
      403: components['responses']['Forbidden'];
      422: components['responses']['Problem'];
      default: components['responses']['Problem'];
    };
  };
  putBlob: {
    parameters: {
      query?: never;
      header?: {
        /** @description Digest that the file must have, e.g. `sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:`. */
        'Content-Digest'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/octet-stream': string;
      };
    };
    responses: {
      /** @description Stored, or already there. */
      201: {
        headers: {
          'Correlation-Id': components['headers']['CorrelationId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "sha256": "5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef",
           *       "sm3": "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0",
           *       "size": 67108864
           *     }
           */
          'application/json': components['schemas']['Blob'];
        };
      };
      400: components['responses']['Problem'];
      401: components['responses']['Unauthorized'];
      403: components['responses']['Forbidden'];
      422: components['responses']['Problem'];
      507: components['responses']['Problem'];
      default: components['responses']['Problem'];
    };
  };
  listPackets: {
    parameters: {
      query?: {
        /** @description `out` made here, `in` received from another member. */
        direction?: components['parameters']['Direction'];
        /** @description Only packets in this state. */
        state?: components['schemas']['PacketState'];
        /** @description Cursor `next` of the page before. */
        after?: components['parameters']['After'];
        /** @description Rows a page. */
        limit?: components['parameters']['Limit'];
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description One page. */
      200: {
        headers: {
          'Correlation-Id': components['headers']['CorrelationId'];
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            packets: components['schemas']['Packet'][];
            next?: components['schemas']['Cursor'];
          };
        };
      };
      401: components['responses']['Unauthorized'];
      403: components['responses']['Forbidden'];
      default: components['responses']['Problem'];
    };
  };
  assemblePacket: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['PacketDraft'];
      };
    };
    responses: {
      /** @description Assembled; the packet waits for its signatures. */
      201: {
        headers: {
          Location: components['headers']['Location'];
          'Correlation-Id': components['headers']['CorrelationId'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Packet'];
        };
      };
      400: components['responses']['Problem'];
      401: components['responses']['Unauthorized'];
      403: components['responses']['Forbidden'];
      404: components['responses']['Problem'];
      422: components['responses']['Problem'];
      default: components['responses']['Problem'];
    };
  };
  getPacket: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /**
         * @description The id that the creating call answered.
         * @example 01987f2e-7c1a-7000-8000-000000000001
         */
        id: components['parameters']['Id'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The packet. */
      200: {
        headers: {
          'Correlation-Id': components['headers']['CorrelationId'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Packet'];
        };
      };
      401: components['responses']['Unauthorized'];
      403: components['responses']['Forbidden'];
      404: components['responses']['Problem'];
      default: components['responses']['Problem'];
    };
  };
  getManifest: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /**
         * @description The id that the creating call answered.
         * @example 01987f2e-7c1a-7000-8000-000000000001
         */
        id: components['parameters']['Id'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The manifest, byte for byte. */
      200: {
        headers: {
          'Correlation-Id': components['headers']['CorrelationId'];
          [name: string]: unknown;
        };
        content: {
          'application/xml': string;
        };
      };
      401: components['responses']['Unauthorized'];
      403: components['responses']['Forbidden'];
      404: components['responses']['Problem'];
      default: components['responses']['Problem'];
    };
  };
  addSignature: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /**
         * @description The id that the creating call answered.
         * @example 01987f2e-7c1a-7000-8000-000000000001
         */
        id: components['parameters']['Id'];
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/pkcs7-signature': string;
      };
    };
    responses: {
      /** @description Accepted; the packet as it is now. */
      200: {
        headers: {
          'Correlation-Id': components['headers']['CorrelationId'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Packet'];
        };
      };
      401: components['responses']['Unauthorized'];
      403: components['responses']['Forbidden'];
      404: components['responses']['Problem'];
      409: components['responses']['Problem'];
      422: components['responses']['Problem'];
      default: components['responses']['Problem'];
    };
  };
  transferPacket: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /**
         * @description The id that the creating call answered.
         * @example 01987f2e-7c1a-7000-8000-000000000001
         */
        id: components['parameters']['Id'];
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "to": "police-p"
         *     }
         */
        'application/json': {
          to: components['schemas']['MemberId'];
        };
      };
    };
    responses: {
      /** @description Offered and logged; delivery goes on in the background. */
      202: {
        headers: {
          'Correlation-Id': components['headers']['CorrelationId'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Packet'];
        };
      };
      400: components['responses']['Problem'];
      401: components['responses']['Unauthorized'];
      403: components['responses']['Forbidden'];
      404: components['responses']['Problem'];
      409: components['responses']['Problem'];
      default: components['responses']['Problem'];
    };
  };
  getBundle: {
    parameters: {
      query?: never;
      header?: {
        /** @description One byte range with a start, e.g. `bytes=1048576-`. */
        Range?: string;
      };
      path: {
        /**
         * @description The id that the creating call answered.
         * @example 01987f2e-7c1a-7000-8000-000000000001
         */
        id: components['parameters']['Id'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The whole file. */
      200: {
        headers: {
          'Repr-Digest': components['headers']['ReprDigest'];
          'Correlation-Id': components['headers']['CorrelationId'];
          [name: string]: unknown;
        };
        content: {
          'application/vnd.etsi.asic-e+zip': string;
        };
      };
      /** @description The range asked for. */
      206: {
        headers: {
          /** @description As in RFC 9110, e.g. `bytes 1048576-2097151/67108864`. */
          'Content-Range'?: string;
          'Repr-Digest': components['headers']['ReprDigest'];
          'Correlation-Id': components['headers']['CorrelationId'];
          [name: string]: unknown;
        };
        content: {
          'application/vnd.etsi.asic-e+zip': string;
        };
      };
      401: components['responses']['Unauthorized'];
      403: components['responses']['Forbidden'];
      404: components['responses']['Problem'];
      409: components['responses']['Problem'];
      default: components['responses']['Problem'];
    };
  };
  getReceipt: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /**
         * @description The id that the creating call answered.
         * @example 01987f2e-7c1a-7000-8000-000000000001
         */
        id: components['parameters']['Id'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The document, byte for byte. */
      200: {
        headers: {
          'Correlation-Id': components['headers']['CorrelationId'];
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            [key: string]: unknown;
          };
        };
      };
      401: components['responses']['Unauthorized'];
      403: components['responses']['Forbidden'];
      404: components['responses']['Problem'];
      409: components['responses']['Problem'];
      default: components['responses']['Problem'];
    };
  };
  signReceipt: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /**
         * @description The id that the creating call answered.
         * @example 01987f2e-7c1a-7000-8000-000000000001
         */
        id: components['parameters']['Id'];
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/pkcs7-signature': string;
      };
    };
    responses: {
      /** @description Logged and on its way to the sender. */
      202: {
        headers: {
          'Correlation-Id': components['headers']['CorrelationId'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Packet'];
        };
      };
      401: components['responses']['Unauthorized'];
      403: components['responses']['Forbidden'];
      404: components['responses']['Problem'];
      409: components['responses']['Problem'];
      422: components['responses']['Problem'];
      default: components['responses']['Problem'];
    };
  };
  listEvidenceRequests: {
    parameters: {
      query?: {
        /** @description `out` made here, `in` received from another member. */
        direction?: components['parameters']['Direction'];
        /** @description Cursor `next` of the page before. */
        after?: components['parameters']['After'];
        /** @description Rows a page. */
        limit?: components['parameters']['Limit'];
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description One page. */
      200: {
        headers: {
          'Correlation-Id': components['headers']['CorrelationId'];
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            requests: components['schemas']['EvidenceRequest'][];
            next?: components['schemas']['Cursor'];
          };
        };
      };
      401: components['responses']['Unauthorized'];
      403: components['responses']['Forbidden'];
      default: components['responses']['Problem'];
    };
  };
  createEvidenceRequest: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "to": "bank-a",
         *       "group": "police-cooperation",
         *       "purpose": "criminal-investigation",
         *       "noticeNo": "沪公(经)调证字〔2026〕00001号",
         *       "caseRef": "CASE-2026-0042",
         *       "legalBasis": [
         *         "刑事诉讼法-54"
         *       ],
         *       "items": [
         *         {
         *           "item": "1",
         *           "description": "Account statement of the straw borrower, 2026-01 to 2026-06"
         *         }
         *       ]
         *     }
         */
        'application/json': components['schemas']['EvidenceRequestDraft'];
      };
    };
    responses: {
      /** @description Logged and on its way. */
      202: {
        headers: {
          'Correlation-Id': components['headers']['CorrelationId'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['EvidenceRequest'];
        };
      };
      400: components['responses']['Problem'];
      401: components['responses']['Unauthorized'];
      403: components['responses']['Forbidden'];
      422: components['responses']['Problem'];
      default: components['responses']['Problem'];
    };
  };
  releaseEvidence: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /**
         * @description The id that the creating call answered.
         * @example 01987f2e-7c1a-7000-8000-000000000001
         */
        id: components['parameters']['Id'];
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['ReleaseDraft'];
      };
    };
    responses: {
      /** @description Decided and logged; the response packet waits for the officer's signature. */
      201: {
        headers: {
          Location: components['headers']['Location'];
          'Correlation-Id': components['headers']['CorrelationId'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Packet'];
        };
      };
      400: components['responses']['Problem'];
      401: components['responses']['Unauthorized'];
      403: components['responses']['Forbidden'];
      404: components['responses']['Problem'];
      409: components['responses']['Problem'];
      422: components['responses']['Problem'];
      default: components['responses']['Problem'];
    };
  };
  listDeliveries: {
    parameters: {
      query?: {
        /** @description Only deliveries in this state. */
        state?: components['schemas']['DeliveryState'];
        /** @description Cursor `next` of the page before. */
        after?: components['parameters']['After'];
        /** @description Rows a page. */
        limit?: components['parameters']['Limit'];
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description One page. */
      200: {
        headers: {
          'Correlation-Id': components['headers']['CorrelationId'];
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            deliveries: components['schemas']['Delivery'][];
            next?: components['schemas']['Cursor'];
          };
        };
      };
      401: components['responses']['Unauthorized'];
      403: components['responses']['Forbidden'];
      default: components['responses']['Problem'];
    };
  };
  getLedgerEntry: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /**
         * @description Position in the ledger, from 0.
         * @example 17
         */
        index: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The entry. */
      200: {
        headers: {
          'Correlation-Id': components['headers']['CorrelationId'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['LedgerEntry'];
        };
      };
      401: components['responses']['Unauthorized'];
      403: components['responses']['Forbidden'];
      404: components['responses']['Problem'];
      default: components['responses']['Problem'];
    };
  };
  getLedgerCheckpoint: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A C2SP tlog-checkpoint (signed note). */
      200: {
        headers: {
          'Correlation-Id': components['headers']['CorrelationId'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example bank-a.example/ledger
           *     1042
           *     n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=
           *
           *     — bank-a.example/ledger …
           */
          'text/plain': string;
        };
      };
      401: components['responses']['Unauthorized'];
      403: components['responses']['Forbidden'];
      default: components['responses']['Problem'];
    };
  };
  peerMessages: {
    parameters: {
      query?: never;
      header: {
        /** @description Mandatory; Transfer-Encoding and Content-Encoding are refused. */
        'Content-Length': components['parameters']['ContentLength'];
        /** @description RFC 9530 digest of the exact body bytes. */
        'Content-Digest': components['parameters']['ContentDigest'];
        /** @description Compact JWS of typ `lzx-req+jwt`, at most 4 KiB, claims exactly those of exchange profile 1. */
        'Exchange-Token': components['parameters']['ExchangeToken'];
        /** @description UUIDv7, the idempotency key; the same for every retry, equal to the claim `mid`. */
        'Exchange-Id': components['parameters']['ExchangeId'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['PeerMessage'];
      };
    };
    responses: {
      /** @description Accepted, logged and durable. */
      200: {
        headers: {
          'Content-Digest': components['headers']['ContentDigest'];
          'Exchange-Token': components['headers']['ExchangeToken'];
          'Correlation-Id': components['headers']['CorrelationId'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['PeerAcceptance'];
        };
      };
      400: components['responses']['PeerProblem'];
      401: components['responses']['PeerProblem'];
      403: components['responses']['PeerProblem'];
      409: components['responses']['PeerProblem'];
      422: components['responses']['PeerProblem'];
      429: components['responses']['PeerProblem'];
      503: components['responses']['PeerProblem'];
      default: components['responses']['PeerProblem'];
    };
  };
  peerStatus: {
    parameters: {
      query?: never;
      header: {
        /** @description Mandatory; Transfer-Encoding and Content-Encoding are refused. */
        'Content-Length': components['parameters']['ContentLength'];
        /** @description RFC 9530 digest of the exact body bytes. */
        'Content-Digest': components['parameters']['ContentDigest'];
        /** @description Compact JWS of typ `lzx-req+jwt`, at most 4 KiB, claims exactly those of exchange profile 1. */
        'Exchange-Token': components['parameters']['ExchangeToken'];
        /** @description UUIDv7, the idempotency key; the same for every retry, equal to the claim `mid`. */
        'Exchange-Id': components['parameters']['ExchangeId'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "ids": [
         *         "01987f2e-7c1a-7000-8000-000000000001"
         *       ]
         *     }
         */
        'application/json': components['schemas']['PeerStatusRequest'];
      };
    };
    responses: {
      /** @description One result for each id, in the order asked. */
      200: {
        headers: {
          'Content-Digest': components['headers']['ContentDigest'];
          'Exchange-Token': components['headers']['ExchangeToken'];
          'Correlation-Id': components['headers']['CorrelationId'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['PeerStatusAnswer'];
        };
      };
      400: components['responses']['PeerProblem'];
      401: components['responses']['PeerProblem'];
      403: components['responses']['PeerProblem'];
      default: components['responses']['PeerProblem'];
    };
  };
  peerParts: {
    parameters: {
      query?: never;
      header: {
        /** @description Mandatory; Transfer-Encoding and Content-Encoding are refused. */
        'Content-Length': components['parameters']['ContentLength'];
        /** @description RFC 9530 digest of the exact body bytes. */
        'Content-Digest': components['parameters']['ContentDigest'];
        /** @description Compact JWS of typ `lzx-req+jwt`, at most 4 KiB, claims exactly those of exchange profile 1. */
        'Exchange-Token': components['parameters']['ExchangeToken'];
        /** @description UUIDv7, the idempotency key; the same for every retry, equal to the claim `mid`. */
        'Exchange-Id': components['parameters']['ExchangeId'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['PeerPartRequest'];
      };
    };
    responses: {
      /** @description The bytes of the part; `cdg` of the signed answer is their digest. */
      200: {
        headers: {
          'Content-Digest': components['headers']['ContentDigest'];
          'Exchange-Token': components['headers']['ExchangeToken'];
          'Correlation-Id': components['headers']['CorrelationId'];
          [name: string]: unknown;
        };
        content: {
          'application/octet-stream': string;
        };
      };
      400: components['responses']['PeerProblem'];
      401: components['responses']['PeerProblem'];
      403: components['responses']['PeerProblem'];
      404: components['responses']['PeerProblem'];
      default: components['responses']['PeerProblem'];
    };
  };
  peerLedgerCheckpoint: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A C2SP tlog-checkpoint (signed note). */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'text/plain': string;
        };
      };
      403: components['responses']['Problem'];
      default: components['responses']['Problem'];
    };
  };
  peerLedgerTile: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /**
         * @description `<L>/<N>[.p/<W>]` for hashes or `entries/<N>[.p/<W>]` for entry bundles, as C2SP tlog-tiles says; it contains slashes.
         * @example entries/000.p/17
         */
        path: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The tile. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/octet-stream': string;
        };
      };
      403: components['responses']['Problem'];
      404: components['responses']['Problem'];
      default: components['responses']['Problem'];
    };
  };
}

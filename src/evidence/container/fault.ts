/** One thing that is wrong in a bundle, in words a clerk can act on. */
export interface Fault {
  readonly message: string;
  /** Name in the container. */
  readonly path?: string;
  /** Digests or bytes, hex. */
  readonly expected?: string;
  readonly actual?: string;
}

export interface CodedFault extends Fault {
  /** `E-…`, as in the report. */
  readonly code: string;
}

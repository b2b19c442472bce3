/** Where the CLI writes: results to standard output, everything else to standard error. */
export interface Terminal {
  out(text: string): void;
  error(text: string): void;
  /** Whether standard error is a terminal, where a line can be overwritten. */
  readonly live: boolean;
}

export function processTerminal(): Terminal {
  return {
    out: (text) => void process.stdout.write(text),
    error: (text) => void process.stderr.write(text),
    live: process.stderr.isTTY,
  };
}

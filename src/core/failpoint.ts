/**
 * Named places where the fault harness makes this process die. Every call is a statement of one line that begins with
 * `failpoint(` or `await failpointAfter(`: the build takes those lines out, so that the program we ship has none of them.
 */
const [wanted, nth = '1'] = (process.env['LIANZHENG_FAILPOINT'] ?? '').split(':');
let left = Number(nth);

/** Kills this process with SIGKILL at the nth passage named by `LIANZHENG_FAILPOINT=<name>:<nth>`. */
export function failpoint(name: string): void {
  if (isDue(name)) die();
}

/** The same behind an act that ends later: `act` begins it and calls what it is given when it is done. */
export async function failpointAfter(name: string, act: (done: () => void) => void): Promise<void> {
  if (isDue(name)) await new Promise<never>(() => act(die));
}

function isDue(name: string): boolean {
  return name === wanted && --left === 0;
}

/** Returns only into a process that is gone. */
function die(): void {
  process.kill(process.pid, 'SIGKILL');
}

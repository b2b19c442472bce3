/** One world for the experiments of a run that need no other; after a failure the next one gets a new world. */
import { FaultWorld } from './fault-world.ts';
import { MEMBERS } from './found-world.ts';

/** Hangs on the global object: mocha may load this file as two modules. */
const run = globalThis as { lianzhengFaultWorld?: FaultWorld | undefined };

/** To be called in a `describe`. Each experiment begins with every gateway up and every wire fair. */
export function useSharedWorld(): () => FaultWorld {
  beforeEach(async function () {
    this.timeout(240_000);
    run.lianzhengFaultWorld ??= await FaultWorld.open();
    run.lianzhengFaultWorld.heal();
    await run.lianzhengFaultWorld.startAll();
  });
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await discard();
  });
  return () => {
    if (run.lianzhengFaultWorld === undefined) throw new Error('there is no world outside of an experiment');
    return run.lianzhengFaultWorld;
  };
}

/** Called by the run's last hook too. */
export async function discard(): Promise<void> {
  const world = run.lianzhengFaultWorld;
  run.lianzhengFaultWorld = undefined;
  if (world === undefined) return;
  const words = MEMBERS.map(
    (member) => `      ${member}: ${world.gateway(member).lastWords(2).slice(0, 600)}`,
  );
  if (process.env['LIANZHENG_FAULTS_KEEP'] === '1') process.stdout.write(`${words.join('\n')}\n`);
  await world.close();
}

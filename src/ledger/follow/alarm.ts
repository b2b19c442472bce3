/** Alarms of a followed log: told once, both notes kept beside the mirrors. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256Hex } from '../../core/digest.ts';
import type { FollowedLog, FollowOptions, Watched } from './follower.ts';
import type { Step } from './mirror.ts';

/** Of one log in one run: a log that shows a new face each round shall not fill the disk. */
const MAX_ALARMS = 100;
const MAX_SHOWN = 64 * 1024;

/** Told once for each pair of notes; both are written beside the mirrors. */
export async function alarm(
  options: FollowOptions,
  log: FollowedLog,
  {
    watched,
    step,
  }: { readonly watched: Watched; readonly step: Exclude<Step, { kind: 'grown' | 'unchanged' }> },
): Promise<boolean> {
  const { kind, why, known = '', shown } = step;
  const name = sha256Hex(`${known}\n${shown}`).slice(0, 16);
  if (watched.told.has(name) || watched.told.size >= MAX_ALARMS) return false;
  const evidence = join(options.directory, 'alarms', `${log.member}-${kind}-${name}.txt`);
  await mkdir(join(options.directory, 'alarms'), { recursive: true });
  await writeFile(evidence, `${why}\n\nknown:\n${known}\nshown:\n${shown.slice(0, MAX_SHOWN)}`);
  if (kind === 'fork') await options.onFork(log, { known, shown });
  watched.told.add(name);
  options.onEvent({ kind, member: log.member, why, evidence });
  return false;
}

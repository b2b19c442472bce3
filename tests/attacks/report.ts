/** Counts attacks by threat: a table at the end, and attacks.json where LIANZHENG_REPORT_DIR says. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { threats, type Threat } from './threats.ts';

interface Count {
  readonly cases: number;
  readonly passed: number;
  readonly pending: number;
}

const counted = new Map<Threat, Count>();

export function count(threat: Threat, change: Partial<Count>): void {
  const { cases, passed, pending } = counted.get(threat) ?? { cases: 0, passed: 0, pending: 0 };
  counted.set(threat, {
    cases: cases + (change.cases ?? 0),
    passed: passed + (change.passed ?? 0),
    pending: pending + (change.pending ?? 0),
  });
}

export function threatsWithoutAttack(): Threat[] {
  return (Object.keys(threats) as Threat[]).filter((threat) => (counted.get(threat)?.cases ?? 0) === 0);
}

export function writeReport(): void {
  const byThreat = Object.fromEntries([...counted].sort(([a], [b]) => (a < b ? -1 : 1)));
  const total = (member: keyof Count): number =>
    [...counted.values()].reduce((sum, one) => sum + one[member], 0);
  const report = { cases: total('cases'), passed: total('passed'), pending: total('pending'), byThreat };
  const rows = Object.entries(byThreat).map(
    ([threat, { cases, passed, pending }]) =>
      `  ${threat.padEnd(22)} ${String(passed).padStart(4)} of ${String(cases).padStart(4)}${pending > 0 ? `, ${pending} pending` : ''}`,
  );
  console.log([`  attacks that left nothing behind, by threat:`, ...rows].join('\n'));
  console.log(`  ${report.passed} of ${report.cases} attacks, ${report.pending} pending`);
  const directory = process.env['LIANZHENG_REPORT_DIR'];
  if (directory !== undefined)
    writeFileSync(join(directory, 'attacks.json'), `${JSON.stringify(report, null, 2)}\n`);
}

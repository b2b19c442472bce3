/** Random faults from a seed: which, on whom, for how long. Deciding them needs no world, so a seed says what happens. */
import { MEMBERS, type Member } from './found-world.ts';
import type { Weather } from './weather.ts';

export type Fault =
  | { readonly kind: 'kill'; readonly member: Member; readonly downMs: number }
  | { readonly kind: 'pause'; readonly member: Member; readonly forMs: number }
  | { readonly kind: 'cut-database'; readonly member: Member }
  | {
      readonly kind: 'weather';
      readonly name: string;
      readonly from: Member;
      readonly to: Member;
      readonly weather: Weather;
      readonly forMs: number;
    };

const WEATHERS: readonly (readonly [string, Weather])[] = [
  ['down', { silent: ['there', 'back'] }],
  ['one way there', { silent: ['back'] }],
  ['one way back', { silent: ['there'] }],
  ['refusing', { refuses: true }],
  ['slow', { latencyMs: 150 }],
  ['sliced', { slice: 7 }],
  ['cut in an answer', { cutAfter: { direction: 'back', bytes: 3500 } }],
];

/** `random` in [0, 1). */
export function scheduleOf(random: () => number, count: number): Fault[] {
  const any = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const up = (milliseconds: number): number => Math.round(random() * milliseconds);
  return Array.from({ length: count }, (): Fault => {
    const member = any(MEMBERS);
    const chance = random();
    if (chance < 0.4) return { kind: 'kill', member, downMs: up(300) };
    if (chance < 0.5) return { kind: 'pause', member, forMs: up(4000) };
    if (chance < 0.65) return { kind: 'cut-database', member };
    const [name, weather] = any(WEATHERS);
    const to = any(MEMBERS.filter((other) => other !== member));
    return { kind: 'weather', name, from: member, to, weather, forMs: up(3000) };
  });
}

export function inWords(fault: Fault): string {
  if (fault.kind === 'weather') return `${fault.from} to ${fault.to} ${fault.name} for ${fault.forMs} ms`;
  const time =
    'downMs' in fault ? ` for ${fault.downMs} ms` : 'forMs' in fault ? ` for ${fault.forMs} ms` : '';
  return `${fault.kind} ${fault.member}${time}`;
}

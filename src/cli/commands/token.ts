/** `lianzheng token`: mints a bearer token from a local issuer key. */
import { readFile, writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import { systemClock } from '../../core/clock.ts';
import { readPrivateFile } from '../../pki/private-file.ts';
import { importSigningKey } from '../../wire/jws.ts';
import { acting, several, type Cli } from '../cli.ts';
import { mintToken } from '../mint-token.ts';

interface Options {
  readonly key: string;
  readonly config?: string;
  readonly issuer?: string;
  readonly audience?: string;
  readonly subject: string;
  readonly scope: readonly string[];
  readonly minutes: string;
  readonly out?: string;
}

const EXAMPLE = `
Scopes: features:write screen evidence:write evidence:release transfer:act erasure:act audit:read admin

Example:
  lianzheng token --key issuer.jwk --config bank-a.json --subject clerk-1 \\
    --scope features:write --scope screen --minutes 60 --out token`;

export function tokenCommand(cli: Cli): Command {
  return new Command('token')
    .summary('mint a bearer token from a local issuer key')
    .description(
      'For demo, tests and members that have no OAuth issuer of their own. Whoever holds the issuer key can be anyone ' +
        'on the member plane: keep it as safe as the gateway itself.',
    )
    .requiredOption('--key <file>', 'private JWK of the issuer, mode 0600')
    .option('--config <file>', "the gateway's configuration, for issuer and audience")
    .option('--issuer <url>', 'claim iss; default memberPlane.issuer of --config')
    .option('--audience <name>', 'claim aud; default memberPlane.audience of --config')
    .requiredOption('--subject <name>', 'claim sub: who acts, as the ledger will name it')
    .requiredOption('--scope <scope>', 'a scope; give the option once for each', several)
    .option('--minutes <n>', 'how long the token is good for', '60')
    .option('--out <file>', 'write the token to a file of mode 0600 instead of standard output')
    .addHelpText('after', EXAMPLE)
    .action(acting(cli, (options: Options) => mint(options)));
}

async function mint(options: Options) {
  const { issuer, audience } = await placeOf(options);
  const key = await importSigningKey(
    JSON.parse((await readPrivateFile(options.key)).toString('utf8')) as never,
  );
  const lifetimeSeconds = Math.round(Number(options.minutes) * 60);
  if (!(lifetimeSeconds > 0)) throw new Error(`--minutes ${options.minutes}: expected a positive number`);
  const now = systemClock();
  const scopes = options.scope.flatMap((scope) => scope.split(/[ ,]+/));
  const token = await mintToken(
    key,
    { issuer, audience, subject: options.subject, scopes, lifetimeSeconds },
    now,
  );
  const expiresAt = new Date(now.getTime() + lifetimeSeconds * 1000).toISOString();
  if (options.out === undefined) return { json: { token, expiresAt }, lines: [token] };
  await writeFile(options.out, `${token}\n`, { mode: 0o600 });
  return { json: { file: options.out, expiresAt }, lines: [`${options.out} (good until ${expiresAt})`] };
}

async function placeOf({ config, issuer, audience }: Options): Promise<{ issuer: string; audience: string }> {
  const plane = config === undefined ? {} : await memberPlaneOf(config);
  const found = { issuer: issuer ?? plane.issuer, audience: audience ?? plane.audience };
  if (found.issuer === undefined || found.audience === undefined) {
    throw new Error('give --issuer and --audience, or --config that names both');
  }
  return { issuer: found.issuer, audience: found.audience };
}

async function memberPlaneOf(path: string): Promise<{ issuer?: string; audience?: string }> {
  const config = JSON.parse(await readFile(path, 'utf8')) as {
    memberPlane?: { issuer?: string; audience?: string };
  };
  return config.memberPlane ?? {};
}

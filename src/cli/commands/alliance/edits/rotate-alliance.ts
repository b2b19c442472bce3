/** `lianzheng alliance rotate ca`, `operator` and `freshness`: keys of the alliance itself. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import {
  changeAuthorities,
  changeFreshnessKey,
  changeOperators,
} from '../../../../federation/drafting/alliance-content.ts';
import type { RegistryJwk } from '../../../../federation/registry/registry-types.ts';
import { authorityName, readAuthority } from '../../../../pki/admission/authority-certificate.ts';
import { createAuthority } from '../../../../pki/authority.ts';
import { generateSealKey } from '../../../../wire/jws.ts';
import { several, type Cli } from '../../../cli.ts';
import { readJsonObject } from '../../../read-json-file.ts';
import { CA_CERTIFICATE, CA_KEY, FRESHNESS_KEY } from '../home.ts';
import { readOperatorKey } from '../operator-key-file.ts';
import { EDIT_HELP, editing, type EditContext, type EditOptions, type PreparedEdit } from './edit-command.ts';

interface AuthorityOptions extends EditOptions {
  readonly add?: string;
  readonly remove?: string;
}

const CA_HELP = `
Without --add and --remove a new CA is made beside the present one (ca.key.next, ca.crt.next) and listed. When that registry is
published, rename both to ca.key and ca.crt; certificates are issued by it from then on. Remove the old CA (--remove, by its SHA-256 as
lianzheng alliance show prints it) when every certificate and officer's certificate that it issued has been replaced: handshakes with them fail afterwards.
${EDIT_HELP}
Examples:
  lianzheng alliance rotate ca --dir alliance
  lianzheng alliance rotate ca --remove 5f2c… --dir alliance`;

export function rotateAuthorityCommand(cli: Cli): Command {
  const command = new Command('ca')
    .summary('draft: the next certificate authority, beside the present one')
    .description('Makes a new CA, adds one that exists, or removes one that nothing depends on any more.')
    .option('--add <file>', "CA certificate to add, e.g. the next one of a member's own CA (PEM)")
    .option('--remove <sha256>', 'CA to remove, by SHA-256 of its certificate or the first digits of it');
  return editing<AuthorityOptions>(cli, command, prepareAuthority).addHelpText('after', CA_HELP);
}

async function prepareAuthority(
  { add, remove }: AuthorityOptions,
  { home, now }: EditContext,
): Promise<PreparedEdit> {
  const { alliance, cas } = home.previous.body;
  if (remove !== undefined) {
    const found = cas.filter((pem) => authorityName(pem).sha256.startsWith(remove.toLowerCase()));
    if (found.length !== 1 || remove.length < 8)
      throw new Error('--remove: name one listed CA by its SHA-256');
    return { edit: changeAuthorities({ add: [], remove: found }) };
  }
  if (add !== undefined) {
    const pem = readAuthority(await readFile(add, 'utf8'), now);
    return { edit: changeAuthorities({ add: [pem], remove: [] }) };
  }
  const key = join(home.directory, `${CA_KEY}.next`);
  const { certPem, keyPem } = await createAuthority({ name: `Lianzheng ${alliance} CA`, alliance });
  return {
    edit: changeAuthorities({ add: [certPem], remove: [] }),
    files: [
      { path: key, text: keyPem, secret: true },
      { path: join(home.directory, `${CA_CERTIFICATE}.next`), text: certPem },
    ],
  };
}

interface OperatorOptions extends EditOptions {
  readonly add?: readonly string[];
  readonly remove?: readonly string[];
  readonly threshold?: string;
}

export function rotateOperatorCommand(cli: Cli): Command {
  const command = new Command('operator')
    .summary('draft: exchange, add or remove operators, change the threshold')
    .description(
      'The operators before the change sign this registry; those after it sign the ones that follow.',
    )
    .option(
      '--add <file>',
      'public key file of an operator (lianzheng alliance operator-key); once for each',
      several,
    )
    .option('--remove <kid>', 'key of an operator, by thumbprint; once for each', several)
    .option('--threshold <m>', 'how many operators must sign from the registry after this one on');
  return editing<OperatorOptions>(cli, command, async ({ add = [], remove = [], threshold }) => {
    if (add.length + remove.length === 0 && threshold === undefined)
      throw new Error('name what changes with --add, --remove or --threshold');
    const keys = await Promise.all(add.map(readOperatorKey));
    const change = { add: keys, remove, threshold: threshold === undefined ? undefined : Number(threshold) };
    return { edit: changeOperators(change) };
  }).addHelpText(
    'after',
    `${EDIT_HELP}
Example:
  lianzheng alliance rotate operator --add op4.pub.json --remove Zf3…43 --dir alliance`,
  );
}

export function rotateFreshnessCommand(cli: Cli): Command {
  const command = new Command('freshness')
    .summary('draft: the next key of the freshness signer')
    .description(
      'Makes freshness.jwk.next on the machine that says each minute which registry is current, or lists one made there.',
    )
    .option('--key <file>', 'public key file made elsewhere by lianzheng alliance operator-key');
  return editing<EditOptions & { key?: string }>(cli, command, async ({ key }, { home }) => {
    if (key !== undefined) return { edit: changeFreshnessKey(await readOperatorKey(key)) };
    const path = join(home.directory, `${FRESHNESS_KEY}.next`);
    // A key made for a draft that was thrown away is taken again.
    if (existsSync(path)) return { edit: changeFreshnessKey(publicOf(await readJsonObject(path))) };
    const { privateJwk } = await generateSealKey('Ed25519');
    const files = [{ path, text: JSON.stringify(privateJwk), secret: true }];
    return { edit: changeFreshnessKey(publicOf(privateJwk as RegistryJwk)), files };
  }).addHelpText(
    'after',
    `
lianzheng alliance fresh takes freshness.jwk or freshness.jwk.next, whichever the newest registry names: it need not be told.
${EDIT_HELP}
Example:
  lianzheng alliance rotate freshness --dir alliance`,
  );
}

function publicOf({ kty, crv, x, kid, alg }: RegistryJwk): RegistryJwk {
  return { kty, crv, x, kid, alg } as RegistryJwk;
}

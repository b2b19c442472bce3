/** `lianzheng alliance show`: what a registry says. */
import { Command } from 'commander';
import type { VerifiedRegistry } from '../../../federation/registry/registry-document.ts';
import type {
  RegistryBody,
  RegistryMember,
  Revocation,
  Validity,
} from '../../../federation/registry/registry-types.ts';
import { authorityName } from '../../../pki/admission/authority-certificate.ts';
import { acting, type Cli, type Outcome } from '../../cli.ts';
import { readTrust } from '../../trust.ts';

interface Options {
  readonly anchors: string;
  readonly keys?: boolean;
}

export function allianceShowCommand(cli: Cli): Command {
  return new Command('show')
    .summary('show a registry of an anchors file')
    .description(
      'Verifies the chain of registries from the anchors on, then lists members, groups and grants of the newest, or of SERIAL.',
    )
    .argument('[serial]', 'serial of an earlier registry')
    .requiredOption('--anchors <file>', 'anchors file')
    .option('--keys', 'also list certificates, keys, signers, operators and CAs')
    .addHelpText(
      'after',
      '\nExamples:\n  lianzheng alliance show --anchors alliance/anchors.json\n  lianzheng alliance show 3 --keys --anchors alliance/anchors.json',
    )
    .action(acting(cli, (serial: string | undefined, options: Options) => show(cli, serial, options)));
}

async function show(cli: Cli, serial: string | undefined, { anchors, keys }: Options): Promise<Outcome> {
  const { chain } = await readTrust(anchors, cli.hooks.schemas());
  const found = registryOf(chain, serial);
  const { body, sha256 } = found;
  return {
    json: { registries: chain.length, sha256, registry: body },
    lines: [
      `alliance ${body.alliance}, registry ${body.serial} of ${body.issuedAt}, until ${body.expiresAt}`,
      `  sha256    ${sha256}`,
      `  operators ${body.operators.threshold} of ${body.operators.keys.length}`,
      ...(keys === true ? allianceKeys(body) : []),
      ...body.members.flatMap((member) => [
        `  member    ${member.id}  ${member.name}  ${member.roles.join(' ')}  ${member.status}`,
        ...(keys === true ? memberKeys(member) : []),
      ]),
      ...body.groups.map(
        ({ id, compartment, members, hidden }) =>
          `  group     ${id}  ${compartment}  ${hidden === true ? '(hidden members)' : members.join(' ')}`,
      ),
      ...body.grants.map(
        ({ id, group, may, notAfter }) => `  grant     ${id}  ${group}  ${may.join(' ')}  until ${notAfter}`,
      ),
    ],
  };
}

/** The newest when no serial is given. */
export function registryOf(chain: readonly VerifiedRegistry[], serial: string | undefined): VerifiedRegistry {
  const found =
    serial === undefined ? chain.at(-1) : chain.find(({ body }) => String(body.serial) === serial);
  if (found !== undefined) return found;
  throw new Error(`no registry ${serial ?? ''}: the anchors hold 1 to ${chain.at(-1)?.body.serial ?? 0}`);
}

function allianceKeys({ operators, freshnessKey, cas }: RegistryBody): readonly string[] {
  return [
    ...operators.keys.map(({ kid }) => `  operator  ${kid}`),
    `  freshness ${freshnessKey.kid}`,
    ...cas.map((pem) => `  CA        ${authorityName(pem).text}`),
  ];
}

function memberKeys({ gateways, keys, signers, ledger }: RegistryMember): readonly string[] {
  return [
    ...gateways.flatMap(({ authority, certs }) => [
      `    gateway     ${authority}`,
      ...certs.map((cert) => `    certificate ${cert.x5t}  ${lifeOf(cert)}`),
    ]),
    ...keys.map((key) => `    ${key.use} key    ${key.kid}  ${lifeOf(key)}`),
    ...signers.map((signer) => `    signer      ${signer.x5t}  ${signer.roles.join(' ')}  ${lifeOf(signer)}`),
    `    ledger      ${ledger.vkey}`,
    ...(ledger.witnessVkey === undefined ? [] : [`    witness     ${ledger.witnessVkey}`]),
  ];
}

function lifeOf({ exp, revoked }: Validity & { readonly revoked?: Revocation }): string {
  if (revoked !== undefined) return `revoked: ${revoked.reason} at ${revoked.at}`;
  return `until ${new Date(exp * 1000).toISOString()}`;
}

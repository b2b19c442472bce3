/** `lianzheng rotate`: a member's next certificate or key, and what the operators need to list it. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { acting, type Cli, type Outcome } from '../../cli.ts';
import type { NextKeyOrder } from '../../hooks.ts';
import { replaceFile } from '../../replace-file.ts';

interface Options {
  readonly config: string;
  readonly out: string;
  readonly csr?: string;
}

const SAFE = `
The key in use goes on working. The new private key stays here, mode 0600, beside it (<file>.next); run again, the same key is taken.
Send OUT to the operators: your seal key in use has signed it, so they need no other proof. When the registry lists the new one, the gateway
takes it; lianzheng doctor says what is waiting.
`;

export function rotateCommand(cli: Cli): Command {
  return new Command('rotate')
    .summary('make the next certificate, seal key or ledger key')
    .description(
      'Each next key is made beside the one in use; the operators list it by lianzheng alliance rotate member.',
    )
    .addCommand(
      kindCommand(cli, { name: 'tls', kind: 'tls', what: 'TLS certificate' })
        .description(
          'Makes an RSA key at <keys.tlsKey>.next and a request; put the certificate at <keys.tlsCert>.next.',
        )
        .option('--csr <file>', 'certificate request that exists, for a key kept elsewhere (PEM; RSA or EC)'),
    )
    .addCommand(
      kindCommand(cli, { name: 'seal', kind: 'seal', what: 'seal key' }).description(
        'Makes an Ed25519 key at <keys.seal>.next, and has the seal key in use vouch for it.',
      ),
    )
    .addCommand(
      kindCommand(cli, { name: 'ledger-key', kind: 'ledger', what: 'ledger key' }).description(
        'Makes an Ed25519 key of the same origin at keys.ledgerNext, and has the seal key in use vouch for it.',
      ),
    );
}

interface Kind {
  readonly name: string;
  readonly kind: NextKeyOrder['kind'];
  readonly what: string;
}

function kindCommand(cli: Cli, { name, kind, what }: Kind): Command {
  return new Command(name)
    .summary(`make the next ${what}`)
    .requiredOption('--config <file>', 'configuration of the gateway')
    .option('--out <file>', 'file for the operators', 'rotation.json')
    .addHelpText(
      'after',
      `${SAFE}\nExample:\n  lianzheng rotate ${name} --config bank-a.json --out rotation.json`,
    )
    .action(acting(cli, (options: Options) => rotate(cli, kind, options)));
}

async function rotate(cli: Cli, kind: NextKeyOrder['kind'], options: Options): Promise<Outcome> {
  const csr = options.csr === undefined ? {} : { csr: await readFile(options.csr, 'utf8') };
  const made = await cli.hooks.makeNext({ kind, configPath: options.config, ...csr });
  const out = resolve(options.out);
  await replaceFile(out, `${JSON.stringify(made.rotation, null, 2)}\n`);
  return {
    json: { ...made, out },
    lines: [
      ...(made.file === undefined ? [] : [`key ${made.file} (private)`]),
      `send ${out} to the operators`,
      ...(made.certificate === undefined
        ? []
        : [`put the certificate that comes back at ${made.certificate}`]),
    ],
  };
}

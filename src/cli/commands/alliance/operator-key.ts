/** `lianzheng alliance operator-key`: one operator's key, on the operator's own machine. */
import { resolve } from 'node:path';
import { Command } from 'commander';
import { acting, type Cli, type Outcome } from '../../cli.ts';
import { replaceFile } from '../../replace-file.ts';
import { makeKeyPair } from './operator-key-file.ts';

const EXAMPLE = `
Each operator runs this on a machine of their own, keeps the private file, and sends OUT.pub.json to whoever runs lianzheng alliance init
(or rotate operator). Read the thumbprint to each other by telephone: whose key is listed has a vote.

Example:
  lianzheng alliance operator-key --out operator.jwk          writes operator.jwk (private) and operator.jwk.pub.json`;

export function allianceOperatorKeyCommand(cli: Cli): Command {
  return new Command('operator-key')
    .summary("make one operator's key")
    .description(
      'Makes an Ed25519 key on this machine; the private file never leaves it, and is never overwritten.',
    )
    .option('--out <file>', 'private key file to write, mode 0600', 'operator.jwk')
    .addHelpText('after', EXAMPLE)
    .action(acting(cli, ({ out }: { out: string }) => make(resolve(out))));
}

async function make(path: string): Promise<Outcome> {
  const { jwk } = await makeKeyPair(path);
  const publicFile = `${path}.pub.json`;
  await replaceFile(publicFile, `${JSON.stringify(jwk, null, 2)}\n`);
  return {
    json: { key: path, public: publicFile, kid: jwk.kid },
    lines: [`key ${path} (private)`, `send ${publicFile}`, `thumbprint ${jwk.kid}`],
  };
}

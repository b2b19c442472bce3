/** Which gateway a command calls and with which token: options first, then the environment. */
import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { GatewayError } from '../../core/errors.ts';
import type { Cli } from '../cli.ts';
import { ApiClient } from './client.ts';

export interface AccessOptions {
  readonly url?: string;
  readonly token?: string;
  readonly tokenFile?: string;
}

/** Adds the options that every command of the member plane takes. */
export function withAccess(command: Command): Command {
  return command
    .option('--url <url>', 'base URL of the gateway (LIANZHENG_URL)')
    .option(
      '--token <token>',
      'bearer token; visible to other users of the machine, prefer a file (LIANZHENG_TOKEN)',
    )
    .option('--token-file <file>', 'file that holds the bearer token (LIANZHENG_TOKEN_FILE)');
}

export async function clientOf(cli: Cli, options: AccessOptions): Promise<ApiClient> {
  const url = options.url ?? cli.environment['LIANZHENG_URL'];
  if (url === undefined || !URL.canParse(url)) {
    throw new Error('which gateway? give --url http://HOST:PORT or set LIANZHENG_URL');
  }
  return new ApiClient(url, await tokenOf(cli, options));
}

async function tokenOf(cli: Cli, options: AccessOptions): Promise<string> {
  const direct =
    options.token ?? (options.tokenFile === undefined ? cli.environment['LIANZHENG_TOKEN'] : undefined);
  if (direct !== undefined) return direct.trim();
  const file = options.tokenFile ?? cli.environment['LIANZHENG_TOKEN_FILE'];
  if (file !== undefined) return (await readFile(file, 'utf8')).trim();
  throw new GatewayError(
    'auth.token-missing',
    'give --token-file FILE, or set LIANZHENG_TOKEN or LIANZHENG_TOKEN_FILE',
  );
}

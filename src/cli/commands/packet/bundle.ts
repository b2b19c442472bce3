/** `lianzheng packet bundle`: downloads a container; a broken download goes on where it stopped. */
import { Command } from 'commander';
import { clientOf, withAccess, type AccessOptions } from '../../api/access.ts';
import { downloadFile } from '../../api/download-file.ts';
import { acting, type Cli } from '../../cli.ts';
import { sizeText } from '../../terminal/progress.ts';

interface Options extends AccessOptions {
  readonly out: string;
}

const EXAMPLE = `
What is downloaded so far is kept as FILE.part; run the same command again to go on. The digest is checked at the end.

Example:
  lianzheng packet bundle 01987f2e-7c1a-7000-8000-000000000001 --out case.asice
  lianzheng verify case.asice --anchors anchors.json`;

export function packetBundleCommand(cli: Cli): Command {
  return withAccess(new Command('bundle'))
    .summary('download the container of a packet')
    .description(
      'The .asice file: any ZIP tool opens it, any BagIt tool checks it, lianzheng verify judges it.',
    )
    .argument('<id>', 'packet id')
    .requiredOption('--out <file>', 'where to write it')
    .addHelpText('after', EXAMPLE)
    .action(
      acting(cli, async (id: string, options: Options) => {
        const client = await clientOf(cli, options);
        const { terminal } = cli;
        const file = await downloadFile(client, { packetId: id, target: options.out, terminal });
        return { json: file, lines: [`${file.sha256}  ${sizeText(file.size)}  ${file.file}`] };
      }),
    );
}

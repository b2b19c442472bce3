/** `lianzheng blob put`: uploads files that packets will name. */
import { Command } from 'commander';
import { clientOf, withAccess, type AccessOptions } from '../api/access.ts';
import { uploadFile, type UploadedFile } from '../api/upload-file.ts';
import { acting, type Cli } from '../cli.ts';
import { sizeText } from '../terminal/progress.ts';

export function blobCommand(cli: Cli): Command {
  const put = withAccess(new Command('put'))
    .summary('upload files')
    .description('Streams each file to the gateway and compares its digest with what was read here.')
    .argument('<file...>', 'files of any size')
    .addHelpText('after', '\nExample:\n  lianzheng blob put statement.csv contract.pdf')
    .action(
      acting(cli, async (files: readonly string[], options: AccessOptions) => {
        const client = await clientOf(cli, options);
        const blobs: (UploadedFile & { readonly file: string })[] = [];
        for (const file of files) blobs.push({ file, ...(await uploadFile(client, file, cli.terminal)) });
        const lines = blobs.map(
          ({ file, sha256, size }) => `${sha256}  ${sizeText(size).padStart(10)}  ${file}`,
        );
        return { json: { blobs }, lines };
      }),
    );
  return new Command('blob')
    .summary('upload files to the blob store')
    .description('Files are kept by their SHA-256; packets name them by it.')
    .addCommand(put);
}

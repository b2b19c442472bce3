/** `lianzheng packet`: evidence packets from draft to receipt. */
import { Command } from 'commander';
import type { Cli } from '../../cli.ts';
import { packetAssembleCommand } from './assemble.ts';
import { packetBundleCommand } from './bundle.ts';
import { packetCheckCommand } from './check.ts';
import { packetListCommand } from './list.ts';
import { packetReceiptCommand } from './receipt.ts';
import { packetShowCommand } from './show.ts';
import { packetSignCommand } from './sign.ts';
import { packetTransferCommand } from './transfer.ts';

const STORY = `
The way of a packet:
  lianzheng packet check draft.json                        is the draft complete? (offline)
  lianzheng packet assemble draft.json                     uploads its files, fixes the manifest
  lianzheng packet sign ID --p12 me.p12 --password-file p  each signatory, on their own machine
  lianzheng packet transfer ID --to police-p               offers it; the receiver pulls and verifies
  lianzheng packet receipt ID --p12 …                      at the receiver: the officer signs the receipt 回执
  lianzheng packet bundle ID --out case.asice              the container, for lianzheng verify`;

export function packetCommand(cli: Cli): Command {
  return new Command('packet')
    .summary('assemble, sign and transfer evidence packets')
    .description(
      'A packet 案卷包 carries a matter and its evidence: statements, forms, items, custody log, signatures.',
    )
    .addHelpText('after', STORY)
    .addCommand(packetCheckCommand(cli))
    .addCommand(packetAssembleCommand(cli))
    .addCommand(packetListCommand(cli))
    .addCommand(packetShowCommand(cli))
    .addCommand(packetSignCommand(cli))
    .addCommand(packetTransferCommand(cli))
    .addCommand(packetReceiptCommand(cli))
    .addCommand(packetBundleCommand(cli));
}

/** `lianzheng alliance`: what the operators of an alliance do. */
import { Command } from 'commander';
import type { Cli } from '../../cli.ts';
import { allianceConcealCommand } from './conceal.ts';
import { allianceFreshCommand } from './fresh.ts';
import { allianceInitCommand } from './init.ts';
import { allianceIssueCommand } from './issue.ts';
import { alliancePublishCommand } from './publish.ts';
import { alliancePolicyCommand } from './policy.ts';
import { allianceShowCommand } from './show.ts';

const STORY = `
The way of a member into the alliance:
  member     lianzheng enrol gateway …          makes keys, a certificate request and enrolment.json
  operator   lianzheng alliance issue …         issues the certificate for the request
  operators  lianzheng alliance publish …       a new registry that lists the member, signed by enough operators`;

export function allianceCommand(cli: Cli): Command {
  return new Command('alliance')
    .summary('found an alliance, publish its registry')
    .description(
      'The registry is the one signed document that says who is a member, with which keys, in which groups, under which grants.',
    )
    .addHelpText('after', STORY)
    .addCommand(allianceInitCommand(cli))
    .addCommand(allianceIssueCommand(cli))
    .addCommand(alliancePublishCommand(cli))
    .addCommand(allianceFreshCommand(cli))
    .addCommand(allianceShowCommand(cli))
    .addCommand(alliancePolicyCommand(cli))
    .addCommand(allianceConcealCommand(cli));
}

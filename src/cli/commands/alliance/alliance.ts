/** `lianzheng alliance`: what the operators of an alliance do. */
import { Command } from 'commander';
import type { Cli } from '../../cli.ts';
import { allianceCombineCommand } from './combine.ts';
import { allianceConcealCommand } from './conceal.ts';
import { allianceDiffCommand } from './diff.ts';
import { allianceAdmitCommand } from './edits/admit.ts';
import { allianceGrantCommand } from './edits/grant.ts';
import { allianceGroupCommand } from './edits/group.ts';
import { allianceRecoverCommand } from './edits/recover.ts';
import { allianceRotateCommand } from './edits/rotate.ts';
import { allianceSignerCommand } from './edits/signer.ts';
import {
  allianceReinstateCommand,
  allianceRenewCommand,
  allianceRevokeCommand,
  allianceSuspendCommand,
} from './edits/standing.ts';
import { allianceWitnessesCommand } from './edits/witnesses.ts';
import { allianceFreshCommand } from './fresh.ts';
import { allianceInitCommand } from './init.ts';
import { allianceIssueCommand } from './issue.ts';
import { allianceOperatorKeyCommand } from './operator-key.ts';
import { alliancePolicyCommand } from './policy.ts';
import { alliancePublishCommand } from './publish.ts';
import { allianceShowCommand } from './show.ts';
import { allianceSignCommand } from './sign.ts';

const STORY = `
Three operators on three machines found an alliance:
  each operator  lianzheng alliance operator-key                      keeps operator.jwk, sends operator.jwk.pub.json
  one of them    lianzheng alliance init --operator-key …             makes the CA and the draft of registry 1
  operators      lianzheng alliance sign draft.json --key …           each on their own machine, until the threshold is met
  one of them    lianzheng alliance combine …, publish …              registry 1 and anchors.json: hand these to everyone

Every change is a draft that goes the same way:
  member         lianzheng enrol gateway …                            makes keys, a certificate request and enrolment.json
  one operator   lianzheng alliance admit enrolment.json …            (or rotate, revoke, grant, group …) makes draft.json
  operators      lianzheng alliance sign, combine, publish            draft.json becomes the next registry

docs/alliance.md tells it at length, with a transcript.`;

const makers: readonly ((cli: Cli) => Command)[] = [
  allianceOperatorKeyCommand,
  allianceInitCommand,
  allianceAdmitCommand,
  allianceSignerCommand,
  allianceSuspendCommand,
  allianceReinstateCommand,
  allianceRevokeCommand,
  allianceRotateCommand,
  allianceRecoverCommand,
  allianceGroupCommand,
  allianceGrantCommand,
  allianceConcealCommand,
  allianceWitnessesCommand,
  allianceRenewCommand,
  allianceSignCommand,
  allianceCombineCommand,
  alliancePublishCommand,
  allianceFreshCommand,
  allianceShowCommand,
  allianceDiffCommand,
  alliancePolicyCommand,
  allianceIssueCommand,
];

export function allianceCommand(cli: Cli): Command {
  const command = new Command('alliance')
    .summary('found an alliance, change and publish its registry')
    .description(
      'The registry is the one signed document that says who is a member, with which keys, in which groups, under which grants.',
    )
    .addHelpText('after', STORY);
  for (const make of makers) command.addCommand(make(cli));
  return command;
}

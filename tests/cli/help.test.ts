import assert from 'node:assert/strict';
import type { Command } from 'commander';
import { buildProgram } from '../../src/cli/program.ts';
import { hooks, run } from './console.ts';

interface Named {
  readonly path: readonly string[];
  readonly command: Command;
}

function commandsBelow(command: Command, path: readonly string[] = []): Named[] {
  return command.commands.flatMap((child) => {
    const named = { path: [...path, child.name()], command: child };
    return [named, ...commandsBelow(child, named.path)];
  });
}

const all = commandsBelow(buildProgram(hooks).command);

describe('the command line', () => {
  it('has every command of the contract', () => {
    const leaves = all
      .filter(({ command }) => command.commands.length === 0)
      .map(({ path }) => path.join(' '));
    for (const expected of [
      'serve',
      'migrate',
      'demo',
      'token',
      'verify',
      'screen',
      'erase',
      'erasures',
      'blob put',
      'deliveries',
      'queue list',
      'queue show',
      'queue retry',
      'queue give-up',
      'queue evidence',
      'queue verify',
      'queue reconcile',
      'queue catch-up',
      'enrol gateway',
      'enrol ledger-key',
      'enrol officer',
      'enrol p12',
      'alliance init',
      'alliance publish',
      'alliance show',
      'alliance issue',
      'alliance fresh',
      ...[
        'operator-key',
        'admit',
        'signer',
        'suspend',
        'reinstate',
        'revoke',
        'recover',
        'renew',
        'witnesses',
      ].map((name) => `alliance ${name}`),
      ...['member', 'ca', 'operator', 'freshness'].map((name) => `alliance rotate ${name}`),
      ...['sign', 'combine', 'diff', 'grant add', 'group members'].map((name) => `alliance ${name}`),
      ...['rotate tls', 'rotate seal', 'rotate ledger-key', 'doctor'],
      'registry evidence',
      'registry resolve',
      'features push',
      'features list',
      'packet assemble',
      'packet list',
      'packet show',
      'packet sign',
      'packet transfer',
      'packet receipt',
      'packet bundle',
      'packet check',
      'evidence request',
      'evidence list',
      'evidence release',
      'ledger export',
      'ledger fetch',
      'ledger verify',
      'ledger proof',
      'ledger verify-proof',
    ]) {
      assert.ok(leaves.includes(expected), expected);
    }
  });

  for (const { path, command } of all) {
    const name = path.join(' ');

    it(`'${name}' has help that a newcomer can follow`, async () => {
      const help = await run([...path, '--help']);
      assert.equal(help.code, 0);
      assert.match(help.out, new RegExp(`Usage: lianzheng ${name}`));
      assert.ok(command.summary().length > 0, 'summary');
      assert.ok(command.description().length > 40, 'description');
      if (command.commands.length === 0) assert.match(help.out, /Examples?:\n {2}lianzheng /);
      for (const option of command.options) assert.ok(option.description.length > 0, option.flags);
    });

    it(`'${name}' refuses an unknown option with exit code 2`, async () => {
      const demanded = command.options.filter((option) => option.mandatory);
      const complete = [
        ...command.registeredArguments.map(() => 'x'),
        ...demanded.flatMap((option) => [option.long ?? '', 'x']),
      ];
      const refused = await run([...path, ...complete, '--no-such-option']);
      assert.equal(refused.code, 2);
      assert.match(refused.err, /unknown option '--no-such-option'/);
    });
  }

  it('ends with 2 for an unknown command, and for none', async () => {
    assert.equal((await run(['frobnicate'])).code, 2);
    assert.equal((await run([])).code, 2);
    assert.equal((await run(['packet'])).code, 2);
  });

  it('ends with 0 for --help and --version', async () => {
    assert.equal((await run(['--help'])).code, 0);
    const version = await run(['--version']);
    assert.equal(version.code, 0);
    assert.equal(version.out, '0.0.0\n');
  });

  it('says with --json even of a usage error what went wrong, in the last line', async () => {
    const refused = await run(['verify', '--json']);
    assert.equal(refused.code, 2);
    assert.equal(refused.json['ok'], false);
    assert.equal(refused.json['error'].code, 'usage');
  });

  it('hands serve, migrate and demo to the composition root', async () => {
    const seen: unknown[] = [];
    const other = {
      serve: async (paths: readonly string[]) => void seen.push(['serve', paths]),
      migrate: async () => ['0001-ledger'],
      demo: async (options: object) => (seen.push(['demo', options]), 1),
    };
    assert.equal((await run(['serve', '--config', 'c.json', '--config', 'd.json'], {}, other)).code, 0);
    assert.deepEqual((await run(['migrate', '--config', 'c.json', '--json'], {}, other)).json, {
      ok: true,
      applied: ['0001-ledger'],
    });
    assert.equal((await run(['demo', '--once', '--json'], {}, other)).code, 1);
    assert.deepEqual(seen, [
      ['serve', ['c.json', 'd.json']],
      ['demo', { once: true, json: true }],
    ]);
  });
});

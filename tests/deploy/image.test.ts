/** What deploy/Dockerfile puts into an image, laid out without one: the program starts from it and finds all that it reads. */
import assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseConfig, programRoot } from '../../src/config.ts';
import { freePort } from '../../src/storage/embedded-postgres.ts';
import { foundForChildren, untilReady } from '../world/child-gateway.ts';

const HOME = '/opt/lianzheng/';

describe('the image', function () {
  this.timeout(120_000);
  const dockerfile = readFileSync(join(programRoot, 'deploy/Dockerfile'), 'utf8').replace(/\\\n\s*/g, '');
  const stage = dockerfile.slice(dockerfile.lastIndexOf('\nFROM '));
  let image: string;

  before(() => {
    image = mkdtempSync(join(tmpdir(), 'lianzheng-image-'));
    for (const { sources, to } of copies(stage)) for (const source of sources) lay(source, join(image, to));
  });
  after(() => rmSync(image, { recursive: true, force: true }));

  const start = (args: readonly string[]): ChildProcess => {
    const [, ...program] = JSON.parse(instruction(stage, 'ENTRYPOINT')) as readonly string[];
    return spawn(process.execPath, [...program, ...args], { cwd: image, stdio: 'ignore' });
  };

  it('has what a build is allowed to see', () => {
    const seen = readFileSync(join(programRoot, '.dockerignore'), 'utf8').split('\n');
    for (const source of copies(stage).flatMap(({ sources }) => sources))
      if (!['dist', 'node_modules'].includes(source)) assert.ok(seen.includes(`!${source}`), source);
  });

  it('makes the keys of a gateway', async () => {
    const keys = join(image, 'keys');
    const order = [
      'enrol',
      'gateway',
      '--alliance',
      'lianzheng-east',
      '--member',
      'bank-a',
      '--gateway',
      'gw1',
    ];
    const [code] = (await once(start([...order, '--dir', keys]), 'exit')) as [number];
    assert.equal(code, 0);
    assert.ok(existsSync(join(keys, 'tls.csr')));
  });

  it('serves, and its health check sees it', async () => {
    const { founded, remove } = await foundForChildren(['bank-a']);
    const member = founded.members[0]!;
    const health = { host: '127.0.0.1', port: await freePort() };
    const { memberPlane } = member.config;
    const config = { ...member.config, memberPlane: { ...memberPlane, health } };
    await writeFile(member.configPath, JSON.stringify(config));
    const gateway = start(['serve', '--config', member.configPath]);
    try {
      await untilReady(`http://${memberPlane.host}:${memberPlane.port}`, gateway);
      const [, command] = instruction(stage, 'HEALTHCHECK').split(' CMD ') as [string, string];
      const [, ...check] = JSON.parse(command) as readonly string[];
      const ask = (port: number): number | null => {
        const place = `http://127.0.0.1:${port}/v1/health/live`;
        return spawnSync(process.execPath, check, { env: { LIANZHENG_HEALTH: place } }).status;
      };
      assert.deepEqual([ask(health.port), ask(await freePort())], [0, 1]);
    } finally {
      gateway.kill('SIGTERM');
      const [code] =
        gateway.exitCode === null ? ((await once(gateway, 'exit')) as [number]) : [gateway.exitCode];
      await remove();
      assert.equal(code, 0);
    }
  });

  it("'s example of a configuration is one, and its health check asks where that one listens", () => {
    const { memberPlane } = parseConfig(join(programRoot, 'deploy/gateway.example.json'));
    const { host, port } = memberPlane.health!;
    assert.match(instruction(stage, 'ENV'), new RegExp(`http://${host}:${port}/v1/health/live`));
  });
});

interface Copy {
  /** Of the repository's top. */
  readonly sources: readonly string[];
  readonly to: string;
}

function copies(stage: string): readonly Copy[] {
  return [...stage.matchAll(/^COPY --from=build (.+) (\S+)$/gm)].map(([, from = '', to = '']) => ({
    sources: from.split(' ').map((source) => source.replace(HOME, '')),
    to,
  }));
}

function instruction(stage: string, name: string): string {
  const found = new RegExp(`^${name} (.+)$`, 'm').exec(stage)?.[1];
  assert.ok(found, `the Dockerfile has no ${name}`);
  return found;
}

/** What the build makes is made here: the program compiled, and all packages linked in place of those of production. */
function lay(source: string, to: string): void {
  if (source === 'node_modules') return symlinkSync(join(programRoot, source), to);
  if (source !== 'dist')
    return cpSync(join(programRoot, source), to.endsWith('/') ? join(to, basename(source)) : to, {
      recursive: true,
    });
  mkdirSync(to, { recursive: true });
  const compiler = join(programRoot, 'node_modules/typescript/bin/tsc');
  const outDir = ['--outDir', to, '--tsBuildInfoFile', join(to, '.tsbuildinfo')];
  const built = spawnSync(
    process.execPath,
    [compiler, '-p', join(programRoot, 'tsconfig.build.json'), ...outDir],
    { encoding: 'utf8' },
  );
  assert.equal(built.status, 0, built.stdout);
}

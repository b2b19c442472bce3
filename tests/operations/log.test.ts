import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const LOG = fileURLToPath(new URL('../../src/operations/log.ts', import.meta.url));

/** Runs `script` with `log` open at level info, and tells the messages that reached standard output. */
async function messagesOf(
  script: string,
): Promise<{ readonly messages: string[]; readonly signal: string | null }> {
  const program = `
    import { openLog } from ${JSON.stringify(LOG)};
    const log = openLog()({ level: 'info', base: { member: 'bank-a' } });
    ${script}`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')));
  const signal = await new Promise<string | null>((resolve) => child.once('close', (_, by) => resolve(by)));
  const lines = output.trimEnd().split('\n').filter(Boolean);
  return { messages: lines.map((line) => (JSON.parse(line) as { msg: string }).msg), signal };
}

const KILL = `process.kill(process.pid, 'SIGKILL');`;

describe('the log', () => {
  it('is out with all before it when a warning is logged, though the process is killed at once', async () => {
    const { messages, signal } = await messagesOf(`log.info('first'); log.warn('second'); ${KILL}`);
    assert.deepEqual({ messages, signal }, { messages: ['first', 'second'], signal: 'SIGKILL' });
  });

  it('is out a moment later, also without a warning', async () => {
    const { messages } = await messagesOf(`log.info('first'); setTimeout(() => { ${KILL} }, 1000);`);
    assert.deepEqual(messages, ['first']);
  });

  it('is out when the process ends, whatever ended it', async () => {
    assert.deepEqual((await messagesOf(`log.info('first');`)).messages, ['first']);
    assert.deepEqual((await messagesOf(`log.info('first'); process.exit(3);`)).messages, ['first']);
  });

  it('loses no line of a thousand and keeps their order', async () => {
    const { messages } = await messagesOf(
      `for (let i = 0; i < 1000; i += 1) log.info('line ' + i + ' ' + 'x'.repeat(i % 300));`,
    );
    assert.equal(messages.length, 1000);
    messages.forEach((message, i) =>
      assert.ok(message.startsWith(`line ${i} `), `line ${i} came as ${message}`),
    );
  });
});

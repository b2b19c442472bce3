/** The baseline of `bench -- exchange`: Express, mutual TLS, one INSERT a request, nothing else. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import express from 'express';
import pg from 'pg';

const settings = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const pool = new pg.Pool({ connectionString: settings.url, max: 16 });
await pool.query('CREATE TABLE IF NOT EXISTS bare (id bigserial PRIMARY KEY, body text NOT NULL)');

const app = express();
app.disable('x-powered-by').disable('etag');
app.post('/x/v1/messages', express.raw({ type: () => true, limit: '1mb' }), async (request, response) => {
  const { rows } = await pool.query({
    name: 'insert',
    text: 'INSERT INTO bare (body) VALUES ($1) RETURNING id',
    values: [request.body.toString('utf8')],
  });
  response.status(200).json({ id: rows[0].id });
});
const tls = {
  key: readFileSync(settings.key),
  cert: readFileSync(settings.cert),
  ca: readFileSync(settings.ca),
};
const server = createServer(
  { ...tls, requestCert: true, rejectUnauthorized: true, minVersion: 'TLSv1.3' },
  app,
);
server.listen(settings.port, '127.0.0.1', () => process.stdout.write('ready\n'));
process.on('SIGTERM', () => process.exit(0));

/** A database with an owner and a gateway role, as an administrator would make them; for demo and tests. */
import { randomBytes } from 'node:crypto';
import knex from 'knex';
import type { EmbeddedPostgres } from './embedded-postgres.ts';
import { migrate } from './migrate.ts';

export interface ProvisionedDatabase {
  /** As the gateway: may not rewrite ledger entries. */
  readonly url: string;
  /** As the owner: runs migrations. */
  readonly ownerUrl: string;
  /** As the superuser: what a hostile administrator has. */
  readonly superuserUrl: string;
}

/** `name`: letters, digits and underscores. The schema is brought up to date. */
export async function provisionDatabase(
  cluster: EmbeddedPostgres,
  name: string,
): Promise<ProvisionedDatabase> {
  const owner = { name: `${name}_owner`, password: randomBytes(18).toString('base64url') };
  const gateway = { name: `${name}_gateway`, password: randomBytes(18).toString('base64url') };
  await asSuperuser(cluster, async (administrator) => {
    for (const role of [owner, gateway]) {
      // A utility statement takes no parameters; base64url has no quote.
      await administrator.raw(`CREATE ROLE ?? LOGIN PASSWORD '${role.password}'`, [role.name]);
    }
    await administrator.raw('CREATE DATABASE ?? OWNER ??', [name, owner.name]);
  });
  const ownerUrl = cluster.url(name, owner);
  await migrate(ownerUrl, gateway.name);
  return { url: cluster.url(name, gateway), ownerUrl, superuserUrl: cluster.url(name) };
}

async function asSuperuser(
  cluster: EmbeddedPostgres,
  work: (administrator: knex.Knex) => Promise<void>,
): Promise<void> {
  const administrator = knex({ client: 'pg', connection: cluster.url(), pool: { min: 0, max: 1 } });
  try {
    await work(administrator);
  } finally {
    await administrator.destroy();
  }
}

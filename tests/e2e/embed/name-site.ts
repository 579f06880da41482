import { createApiToken } from '../../../src/accounts/index.ts';
import { CLI_ACTOR } from '../../../src/shared/actor.ts';
import type { TestSystem } from '../../support/system.ts';
import { waitFor } from '../../support/wait-for.ts';

/** As an admin does: from now on pages of these sites alone may hold the form. */
export async function nameSites(system: TestSystem, origins: readonly string[]): Promise<void> {
  const { secret } = await createApiToken(system.deps, {
    name: 'sites',
    scopes: ['system:write'],
    expiresInDays: 1,
    actor: CLI_ACTOR,
  });
  const response = await fetch(`${system.url}/api/v1/signup-origins`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${secret}` },
    body: JSON.stringify({ origins }),
  });
  if (!response.ok) {
    throw new Error(`answered ${response.status}: ${await response.text()}`);
  }
  // The web process looks into the list once a second.
  await waitFor('the sites to count', async () =>
    (await Promise.all(origins.map((origin) => system.deps.signupOrigins.allows(origin)))).every(Boolean),
  );
}

// PyPI nanoidp: its refresh tokens are JWTs for the same audience, signed with the same key as its access tokens.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { assertClaimsOf, assertInvalidToken } from '../answers.mjs';
import { Child, START_LIMIT } from '../child.mjs';
import { Client } from '../client.mjs';
import { ResourceServer, freePort } from '../resource-server.mjs';
import { until } from '../until.mjs';

const timeout = 10_000;
const AUDIENCE = 'https://api.example.com';
const CLIENT_ID = 'a-client';

describe('the tokens of nanoidp', () => {
  let api;
  let server;
  let tokens;

  before(async () => {
    server = await NanoIdp.start();
    tokens = await server.tokensOfPerson();
    // For the client too: its ID tokens are to be refused for their kind, not for their audience.
    api = await ResourceServer.start(`
      [[issuers]]
      issuer = "${server.issuer}"
      audience = ["${AUDIENCE}", "${CLIENT_ID}"]
      profile = "jwt"
    `);
  });
  after(async () => {
    await api?.stop();
    await server?.stop();
  });

  const call = (token) => Client.of(server.issuer).call(api.url('/claims'), token);

  test('differ in a claim, but not in their header', { timeout }, async () => {
    const kinds = [tokens.access_token, tokens.refresh_token, tokens.id_token];
    assert.deepEqual(kinds.map((token) => decodeProtectedHeader(token).typ), ['JWT', 'JWT', 'JWT']);
    assert.deepEqual(kinds.map((token) => decodeJwt(token).token_use), ['access', 'refresh', 'id']);
    assert.deepEqual(kinds.map((token) => decodeJwt(token).aud), [AUDIENCE, AUDIENCE, CLIENT_ID]);
  });

  test('are accepted as access tokens of persons and of clients', { timeout }, async () => {
    for (const { access_token } of [tokens, await server.tokensOfClient()]) {
      assertClaimsOf(access_token, await call(access_token));
    }
  });

  for (const kind of ['refresh_token', 'id_token']) {
    test(`are refused as ${kind}`, { timeout }, async () => {
      assertInvalidToken(await call(tokens[kind]));
    });
  }
});

class NanoIdp {
  #child;
  #directory;
  #secret = randomUUID();

  static async start() {
    const server = new NanoIdp();
    try {
      const directory = (server.#directory = await mkdtemp(join(tmpdir(), 'claviger-nanoidp-')));
      const port = await freePort();
      server.issuer = `http://127.0.0.1:${port}`;
      // JSON is YAML too.
      const write = (name, content) => writeFile(join(directory, name), JSON.stringify(content));
      await write('settings.yaml', server.#settings());
      await write('users.yaml', { users: { alice: { password: server.#secret, email: 'alice@example.com' } } });
      const args = ['--config', directory, '--port', String(port)];
      [server.#child] = await Child.start('nanoidp', 'nanoidp', args, () => server.#serves(), { cwd: directory });
      return server;
    } catch (error) {
      await server.stop();
      throw error;
    }
  }

  #settings() {
    const client = {
      client_id: CLIENT_ID,
      client_secret: this.#secret,
      grant_types: ['client_credentials', 'password', 'refresh_token'],
      redirect_uris: [],
    };
    return { oauth: { issuer: this.issuer, audience: AUDIENCE, clients: [client] } };
  }

  #serves() {
    const probe = () => fetch(`${this.issuer}/.well-known/jwks.json`).then(({ ok }) => ok, () => false);
    return until('nanoidp serves', START_LIMIT, probe);
  }

  tokensOfPerson() {
    const scope = 'openid offline_access profile';
    return this.#tokens({ grant_type: 'password', username: 'alice', password: this.#secret, scope });
  }

  tokensOfClient() {
    return this.#tokens({ grant_type: 'client_credentials' });
  }

  async #tokens(parameters) {
    const response = await fetch(`${this.issuer}/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`${CLIENT_ID}:${this.#secret}`)}` },
      body: new URLSearchParams(parameters),
    });
    return response.json();
  }

  async stop() {
    await this.#child?.stop();
    if (this.#directory) await rm(this.#directory, { recursive: true });
  }
}

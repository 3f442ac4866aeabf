// What a client finds out from the URL of the API alone, RFC 9728.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import * as oauth from 'oauth4webapi';
import { assertAsksForCredentials, assertClaimsOf, assertInsufficientScope, assertInvalidToken } from './answers.mjs';
import { Client } from './client.mjs';
import { keysForAllAlgorithms } from './keys.mjs';
import { AuthorizationServer, SCOPES } from './provider.mjs';
import { ResourceServer, freePort } from './resource-server.mjs';

const timeout = 10_000;
const insecure = { [oauth.allowInsecureRequests]: true };

for (const path of ['', '/', '/v1', '/v1/']) {
  describe(`the metadata of a resource with the path "${path}"`, () => {
    let api;
    let client;
    let resource;
    let server;

    before(async () => {
      const port = await freePort();
      resource = `http://127.0.0.1:${port}${path}`;
      server = await AuthorizationServer.start(await keysForAllAlgorithms());
      client = await Client.discover(server.issuer);
      const configuration = `
        resource = "${resource}"
        scopes_supported = ["${SCOPES.replaceAll(' ', '", "')}"]

        [[issuers]]
        issuer = "${server.issuer}"
        audience = ["${resource}"]
      `;
      api = await ResourceServer.start(configuration, port);
    });
    after(async () => {
      await api?.stop();
      await server?.stop();
    });

    const discover = async () => {
      const expected = new URL(resource);
      const response = await oauth.resourceDiscoveryRequest(expected, insecure);
      return oauth.processResourceDiscoveryResponse(expected, response);
    };
    const challengeOf = ({ challenges }) => challenges[0].parameters.resource_metadata;

    test('are found from its identifier and are about it', { timeout }, async () => {
      assert.deepEqual(await discover(), {
        resource,
        authorization_servers: [server.issuer],
        scopes_supported: SCOPES.split(' '),
        bearer_methods_supported: ['header'],
        dpop_signing_alg_values_supported: ['ES256', 'ES384', 'EdDSA', 'Ed25519', 'RS256', 'PS256'],
      });
    });

    test('are those that every challenge names', { timeout }, async () => {
      const anonymous = await client.call(api.url('/claims'), undefined);
      assertAsksForCredentials(anonymous);
      const response = await fetch(challengeOf(anonymous));
      assert.deepEqual(await response.json(), await discover());

      const invalid = await client.call(api.url('/claims'), 'garbage');
      assertInvalidToken(invalid);
      const lacking = await client.call(api.url('/reports'), await client.accessToken(resource));
      assertInsufficientScope(lacking, 'read:reports');
      for (const refused of [invalid, lacking]) assert.equal(challengeOf(refused), challengeOf(anonymous));
    });

    test('lead to an issuer whose token for it is accepted', { timeout }, async () => {
      const metadata = await discover();
      const discovered = await Client.discover(metadata.authorization_servers[0]);
      const token = await discovered.accessToken(metadata.resource, metadata.scopes_supported.join(' '));
      assertClaimsOf(token, await discovered.call(api.url('/claims'), token));
    });

    test('are of no other resource', { timeout }, async () => {
      const response = await oauth.resourceDiscoveryRequest(new URL(resource), insecure);
      const other = new URL(`http://127.0.0.1:${new URL(resource).port}/other`);
      await assert.rejects(oauth.processResourceDiscoveryResponse(other, response), /resource/);
    });
  });
}

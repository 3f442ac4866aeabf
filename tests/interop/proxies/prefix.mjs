// What must hold behind a proxy that strips a prefix from the paths of the API.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { KeyHolder } from '../key-holder.mjs';
import { ProxyClient, publicUrl } from './client.mjs';
import { Deployment } from './deployment.mjs';

const timeout = 30_000;

export function describePrefix(proxy, recipe) {
  describe(`behind ${proxy.name}, which strips a prefix,`, () => {
    let client;
    let deployment;

    before(async () => {
      deployment = await Deployment.start({ ...proxy, recipe, settings: 'prefix.toml' }, { prefix: '/mcp' });
      client = new ProxyClient(deployment);
    });
    after(() => deployment?.stop());

    test('a proof is for the address with the prefix', { timeout }, async () => {
      const holder = await KeyHolder.enrol(deployment.issuer);
      for (const [path, status] of [['/mcp/claims', 200], ['/claims', 401]]) {
        const fields = await holder.fields(publicUrl(path));
        assert.equal((await client.send('/mcp/claims', { fields })).status, status, path);
      }
    });

    test('the challenge leads to the metadata', { timeout }, async () => {
      const { status, headers } = await client.send('/mcp/claims');
      assert.equal(status, 401);
      const [, url] = /resource_metadata="([^"]+)"/.exec(headers['www-authenticate']);
      assert.equal(url, publicUrl('/.well-known/oauth-protected-resource/mcp'));
      const metadata = await client.send(new URL(url).pathname);
      assert.equal(metadata.status, 200);
      assert.equal(JSON.parse(metadata.body).resource, publicUrl('/mcp'));
    });
  });
}

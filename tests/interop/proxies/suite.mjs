// What must hold behind every proxy.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { KeyHolder } from '../key-holder.mjs';
import { ProxyClient, publicUrl, sendDirectly } from './client.mjs';
import { Deployment } from './deployment.mjs';

const timeout = 30_000;

const UPLOADS = { '64 KiB': 2 ** 16, '1 MiB': 2 ** 20, '5 MiB': 5 * 2 ** 20 };
const TRIES = 5;

// What a client may send to appear as somebody else's address; the last ones are malformed.
const FORGED = [
  { forwarded: 'for=192.0.2.1;host=other.example.com;proto=http' },
  { 'x-forwarded-host': 'other.example.com', 'x-forwarded-proto': 'http', 'x-forwarded-for': '192.0.2.1' },
  { forwarded: 'proto=https', 'x-forwarded-proto': 'http' },
  { forwarded: 'proto=https, proto=http;host="a,b"' },
  { forwarded: '=;;', 'x-forwarded-host': 'a, b', 'x-forwarded-proto': 'gopher' },
];

/** `versions` are those of HTTP that the proxy speaks to clients; `certificate` is how it sends their certificates. */
export function describeProxy(proxy, { versions, certificate }) {
  describe(`behind ${proxy.name},`, () => {
    let deployment;
    let issuer;
    let certificates;

    before(async () => {
      deployment = await Deployment.start(proxy);
      ({ issuer, certificates } = deployment);
    });
    after(() => deployment?.stop());

    const client = (identity) => new ProxyClient(deployment, identity);
    const status = async (sent) => (await sent).status;

    describe('a token that is bound to a certificate', () => {
      let fields;

      before(async () => {
        const token = await issuer.token({ 'x5t#S256': certificates.owner.thumbprint });
        fields = { authorization: `Bearer ${token}` };
      });

      for (const version of versions) {
        test(`is its owner's alone over HTTP/${version}`, { timeout }, async () => {
          assert.equal(await status(client(certificates.owner).send('/reports', { fields, version })), 200);
          assert.equal(await status(client(certificates.thief).send('/reports', { fields, version })), 401);
          assert.equal(await status(client().send('/reports', { fields, version })), 401);
        });
      }

      for (const thief of ['none', 'thief']) {
        test(`is refused with the certificate "${thief}" and a forged field`, { timeout }, async () => {
          for (const value of Object.values(certificates.owner.fields)) {
            const forged = { ...fields, [certificate.header]: value };
            const sent = client(certificates[thief]).send('/reports', { fields: forged });
            assert.equal(await status(sent), 401, value.slice(0, 8));
          }
        });
      }

      test('is refused when somebody who is no proxy sends the field', { timeout }, async () => {
        const [origin] = deployment.origins;
        const value = certificates.owner.fields[certificate.format];
        const forged = { ...fields, host: 'api.example.com', [certificate.header]: value };
        assert.equal(await status(sendDirectly(origin, '/reports', { from: '127.0.0.1', fields: forged })), 200);
        assert.equal(await status(sendDirectly(origin, '/reports', { from: '127.0.0.2', fields: forged })), 401);
      });
    });

    test('a token that is not bound needs no certificate', { timeout }, async () => {
      const fields = { authorization: `Bearer ${await issuer.token()}` };
      for (const identity of [undefined, certificates.owner]) {
        assert.equal(await status(client(identity).send('/reports', { fields })), 200);
      }
    });

    test('a proof is for the public address, and for one request', { timeout }, async () => {
      const holder = await KeyHolder.enrol(issuer);
      for (const version of versions) {
        const fields = await holder.fields(publicUrl('/claims'));
        assert.equal(await status(client().send('/claims?year=2026', { fields, version })), 200);
        assert.equal(await status(client().send('/claims?year=2026', { fields, version })), 401);
      }
      const written = await holder.fields(publicUrl('/reports'), 'POST');
      assert.equal(await status(client().send('/reports', { method: 'POST', fields: written })), 200);
      for (const url of [`${deployment.origins[0]}/claims`, 'http://api.example.com/claims', publicUrl('/reports')]) {
        assert.equal(await status(client().send('/claims', { fields: await holder.fields(url) })), 401, url);
      }
    });

    for (const forged of FORGED) {
      test(`a client cannot change the address by ${JSON.stringify(forged)}`, { timeout }, async () => {
        const holder = await KeyHolder.enrol(issuer);
        const send = async (url) => {
          const fields = { ...forged, ...(await holder.fields(url)) };
          return status(client().send('/claims', { fields }));
        };
        assert.equal(await send(publicUrl('/claims')), 200);
        for (const origin of ['https://other.example.com', 'http://other.example.com', 'http://api.example.com']) {
          assert.equal(await send(`${origin}/claims`), 401, origin);
        }
      });
    }

    for (const version of versions) {
      for (const [size, bytes] of Object.entries(UPLOADS)) {
        test(`an upload of ${size} with a bad token is answered 401 over HTTP/${version}`, { timeout }, async () => {
          const fields = { authorization: 'Bearer none', 'content-type': 'application/octet-stream' };
          const upload = { method: 'POST', fields, body: Buffer.alloc(bytes), version };
          for (let count = 0; count < TRIES; count += 1) {
            const answer = await client().send('/reports', upload);
            assert.equal(answer.status, 401);
            assert.match(answer.headers['www-authenticate'], /error="invalid_token"/);
          }
        });
      }
    }
  });
}

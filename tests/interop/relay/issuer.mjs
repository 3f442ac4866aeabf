// An issuer over TLS, whose key can be replaced.
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import http2 from 'node:http2';
import https from 'node:https';
import { join } from 'node:path';
import { SignJWT, exportJWK, generateKeyPair } from 'jose';

export class Issuer {
  #published;
  #server;
  #signing;

  /** Speaks HTTP up to `version` with the certificate in `directory`; clients reach it at `port` of localhost. */
  static async start({ directory, version, port }) {
    const issuer = new Issuer();
    const read = (name) => readFile(join(directory, name));
    const tls = { cert: await read('server.pem'), key: await read('server-key.pem') };
    const answer = (request, response) => issuer.#answer(request, response);
    const server = version === '2' ? http2.createSecureServer({ ...tls, allowHTTP1: true }) : https.createServer(tls);
    // Longer than any test: whoever closes connections here, it is the relay.
    server.keepAliveTimeout = 60_000;
    issuer.#server = server.on('request', answer).listen(0, '127.0.0.1');
    await once(issuer.#server, 'listening');
    issuer.url = `https://localhost:${port}`;
    await issuer.rotate();
    return issuer;
  }

  get port() {
    return this.#server.address().port;
  }

  /** From now on, a new key signs, and it alone is published. */
  async rotate() {
    const { privateKey, publicKey } = await generateKeyPair('ES256');
    const kid = randomUUID();
    this.#signing = { privateKey, kid };
    this.#published = { keys: [{ ...(await exportJWK(publicKey)), kid, use: 'sig' }] };
  }

  token(audience) {
    const { privateKey, kid } = this.#signing;
    return new SignJWT({ client_id: 'a-client' })
      .setProtectedHeader({ alg: 'ES256', kid, typ: 'at+jwt' })
      .setIssuer(this.url)
      .setAudience(audience)
      .setSubject('alice')
      .setJti(randomUUID())
      .setIssuedAt()
      .setExpirationTime('1h')
      .sign(privateKey);
  }

  #answer(request, response) {
    const document = request.url === '/jwks' ? this.#published : { issuer: this.url, jwks_uri: `${this.url}/jwks` };
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(document));
  }

  async stop() {
    this.#server.close();
    this.#server.closeAllConnections?.();
  }
}

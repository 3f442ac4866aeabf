// Signs access tokens that are bound to a certificate or to a key, by keys that stand in the configuration of the API.
import { randomUUID } from 'node:crypto';
import { SignJWT, exportJWK, generateKeyPair } from 'jose';

export const AUDIENCE = 'https://api.example.com';

export class TokenIssuer {
  #key;
  #publicKey;

  static async create() {
    const issuer = new TokenIssuer();
    const { privateKey, publicKey } = await generateKeyPair('ES256');
    issuer.#key = privateKey;
    issuer.#publicKey = { ...(await exportJWK(publicKey)), kid: 'test', alg: 'ES256', use: 'sig' };
    return issuer;
  }

  /** What the API's configuration says of it. */
  get configuration() {
    return `
      [[issuers]]
      issuer = "https://issuer.example.com"
      audience = ["${AUDIENCE}"]
      jwks = '${JSON.stringify({ keys: [this.#publicKey] })}'
    `;
  }

  /** A token for this hour; `cnf` is what it is bound to. */
  token(cnf, scope = 'read:reports write:reports') {
    const claims = { client_id: 'a-client', scope, ...(cnf && { cnf }) };
    return new SignJWT(claims)
      .setProtectedHeader({ alg: 'ES256', kid: 'test', typ: 'at+jwt' })
      .setIssuer('https://issuer.example.com')
      .setAudience(AUDIENCE)
      .setSubject('alice')
      .setJti(randomUUID())
      .setIssuedAt()
      .setExpirationTime('1h')
      .sign(this.#key);
  }
}

// Who holds a key and proves it (RFC 9449), with tokens that the API's own configuration has the keys of.
import { generateKeyPair, generateProof } from 'dpop';
import { calculateJwkThumbprint, exportJWK } from 'jose';

export class KeyHolder {
  #keys;

  /** With a token of `issuer` that is bound to a new key. */
  static async enrol(issuer) {
    const holder = new KeyHolder();
    holder.#keys = await generateKeyPair('ES256');
    const jkt = await calculateJwkThumbprint(await exportJWK(holder.#keys.publicKey));
    holder.token = await issuer.token({ jkt });
    return holder;
  }

  /** The fields of a request with a new proof. */
  async fields(url, method = 'GET') {
    const proof = await generateProof(this.#keys, url, method, undefined, this.token);
    return { authorization: `DPoP ${this.token}`, dpop: proof };
  }
}

// Signing keys, made when a test runs.
import { randomUUID } from 'node:crypto';
import { exportJWK, generateKeyPair } from 'jose';

/** The algorithms that both the provider and claviger know. */
export const ALGORITHMS = ['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA', 'Ed25519'];

/**
 * A private JWK for `algorithm`, without an `alg` member: one key may then serve all algorithms of its type,
 * as most issuers publish them.
 */
export async function signingKey(algorithm) {
  const { privateKey } = await generateKeyPair(algorithm, { extractable: true });
  return { ...(await exportJWK(privateKey)), kid: randomUUID(), use: 'sig' };
}

/** One key of each type, enough for every one of `ALGORITHMS`. */
export function keysForAllAlgorithms() {
  return Promise.all(['RS256', 'ES256', 'ES384', 'EdDSA'].map(signingKey));
}

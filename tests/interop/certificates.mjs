// Certificates, made when a test runs: two authorities of our own, and what they sign.
import { execFile } from 'node:child_process';
import { X509Certificate, createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Makes, in `directory`, the files of the server, and of the clients `owner` and `thief` of the authority it trusts. */
export async function makeCertificates(directory) {
  await Promise.all(['server-ca', 'clients-ca'].map((name) => makeAuthority(directory, name)));
  const [, owner, thief] = await Promise.all([
    sign(directory, 'server', 'server-ca', 'subjectAltName=DNS:api.example.com,DNS:localhost'),
    sign(directory, 'owner', 'clients-ca', 'extendedKeyUsage=clientAuth'),
    sign(directory, 'thief', 'clients-ca', 'extendedKeyUsage=clientAuth'),
  ]);
  return { authority: await readFile(join(directory, 'server-ca.pem')), owner, thief };
}

// Elliptic curves: RSA keys would take seconds.
const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

async function makeAuthority(directory, name) {
  const constraints = ['-addext', 'basicConstraints=critical,CA:true', '-addext', 'keyUsage=critical,keyCertSign'];
  await certify(directory, name, constraints);
}

async function sign(directory, name, authority, extension) {
  const signer = ['-CA', `${authority}.pem`, '-CAkey', `${authority}-key.pem`];
  await certify(directory, name, [...signer, '-addext', 'basicConstraints=critical,CA:false', '-addext', extension]);
  const read = (file) => readFile(join(directory, file), 'utf8');
  return new Identity(await read(`${name}.pem`), await read(`${name}-key.pem`), await read(`${authority}.pem`));
}

function certify(directory, name, options) {
  const files = ['-keyout', `${name}-key.pem`, '-out', `${name}.pem`];
  return run('openssl', ['req', '-x509', ...KEY, '-days', '1', '-subj', `/CN=${name}`, ...options, ...files], {
    cwd: directory,
  });
}

/** A certificate and its key as a TLS client takes them, and the certificate as tokens and fields of proxies have it. */
class Identity {
  #pem;

  constructor(pem, key, authority) {
    this.#pem = pem;
    // Some clients send their authority too, and then some proxies send both.
    this.cert = pem + authority;
    this.key = key;
    this.der = new X509Certificate(pem).raw;
  }

  /** The `x5t#S256` of tokens that are bound to it (RFC 8705, section 3.1). */
  get thumbprint() {
    return createHash('sha256').update(this.der).digest('base64url');
  }

  /** The values in which proxies send it, by the name of claviger's format. */
  get fields() {
    const base64 = this.der.toString('base64');
    const digest = createHash('sha256').update(this.der).digest('hex');
    return {
      der: base64,
      pem: encodeURIComponent(this.#pem),
      rfc9440: `:${base64}:`,
      sha256: digest,
      xfcc: `Hash=${digest}`,
    };
  }
}

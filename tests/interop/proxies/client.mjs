// A client of the API at its public address, whose connections go to the proxy of a test.
import { once } from 'node:events';
import http from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';

const HOST = 'api.example.com';

/** The URL that clients know, whatever the proxy sends on. */
export const publicUrl = (path) => `https://${HOST}${path}`;

export class ProxyClient {
  #tls;

  /** `identity` is the client's certificate, if it has one. */
  constructor({ port, certificates }, identity) {
    const { cert, key } = identity ?? {};
    this.#tls = { host: '127.0.0.1', port, servername: HOST, ca: certificates.authority, cert, key };
  }

  /** One request on a connection of its own. */
  async send(path, { method = 'GET', fields = {}, body = '', version = '1.1' } = {}) {
    const length = Buffer.byteLength(body);
    const headers = method === 'GET' ? fields : { ...fields, 'content-length': length };
    const exchange = version === '2' ? this.#overHttp2 : this.#overHttp1;
    return exchange.call(this, { path, method, headers, body });
  }

  async #overHttp1({ path, method, headers, body }) {
    const options = { ...this.#tls, agent: false, method, path, headers: { host: HOST, ...headers } };
    return answerOf(https.request(options), body);
  }

  async #overHttp2({ path, method, headers, body }) {
    const session = http2.connect(`https://${HOST}`, this.#tls);
    try {
      const stream = session.request({ ':authority': HOST, ':path': path, ':method': method, ...headers });
      if (body) stream.end(body);
      const failed = once(session, 'error').then(([error]) => Promise.reject(error));
      const [fields] = await Promise.race([once(stream, 'response'), failed]);
      return { status: fields[':status'], headers: fields, body: await textOf(stream) };
    } finally {
      session.destroy();
    }
  }
}

/** One request to an instance itself, from the loopback address `from`. */
export function sendDirectly(origin, path, { from, fields }) {
  return answerOf(http.request(new URL(path, origin), { agent: false, localAddress: from, headers: fields }), '');
}

async function answerOf(request, body) {
  request.end(body);
  const [response] = await once(request, 'response');
  // The rest of the upload may meet a connection that is closed by now; the answer is there.
  request.on('error', () => {});
  return { status: response.statusCode, headers: response.headers, body: await textOf(response) };
}

/** What came before the end, or before the connection broke. */
async function textOf(stream) {
  const chunks = [];
  try {
    for await (const chunk of stream) chunks.push(chunk);
  } catch {
    // An answer to an upload that is refused: its head is what counts.
  }
  return Buffer.concat(chunks).toString();
}

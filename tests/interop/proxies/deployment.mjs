// A proxy that ends TLS in front of instances of `resource_server`, by the files that the documentation shows.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCertificates } from '../certificates.mjs';
import { Child, START_LIMIT } from '../child.mjs';
import { ResourceServer, freePort } from '../resource-server.mjs';
import { TokenIssuer } from '../token-issuer.mjs';
import { until } from '../until.mjs';
import { ProxyClient } from './client.mjs';

/**
 * A proxy and its instances. `recipe` and `settings` are the files of the proxy and of claviger, `replace` says what in
 * the recipe is another thing in a test, and `command` returns the program and its arguments.
 */
export class Deployment {
  #directory;
  #instances = [];
  #proxy;

  static async start({ name, recipe, settings, replace, command }, { instances = 1, prefix = '' } = {}) {
    const deployment = new Deployment();
    try {
      const directory = (deployment.#directory = await mkdtemp(join(tmpdir(), 'claviger-proxy-')));
      deployment.certificates = await makeCertificates(directory);
      deployment.issuer = await TokenIssuer.create();
      const configuration = (await read(settings)) + deployment.issuer.configuration;
      for (let count = 0; count < instances; count += 1) {
        deployment.#instances.push(await ResourceServer.start(configuration));
      }
      deployment.port = await freePort();
      const file = join(directory, recipe);
      const upstreams = deployment.#instances.map((instance) => new URL(instance.url('/')).host);
      await writeFile(file, adapted(await read(recipe), { directory, port: deployment.port, upstreams }, replace));
      const [program, args] = await command({ directory, file, port: deployment.port });
      const isReady = () => deployment.#serves(prefix);
      [deployment.#proxy] = await Child.start(name, program, args, isReady, { cwd: directory });
      return deployment;
    } catch (error) {
      await deployment.stop();
      throw error;
    }
  }

  // A port that accepts is not enough: some proxies learn their routes later.
  #serves(prefix) {
    const client = new ProxyClient(this);
    const isServed = () => client.send(`${prefix}/status`).then(({ status }) => status === 200, () => false);
    return until('the API is served through the proxy', START_LIMIT, isServed);
  }

  /** The instances' own addresses. */
  get origins() {
    return this.#instances.map((instance) => new URL(instance.url('/')).origin);
  }

  /** The resident memory of all instances, in bytes. */
  async memory() {
    const each = await Promise.all(this.#instances.map((instance) => instance.memory()));
    return each.reduce((sum, bytes) => sum + bytes, 0);
  }

  async stop() {
    await this.#proxy?.stop();
    await Promise.all(this.#instances.map((instance) => instance.stop()));
    if (this.#directory) await rm(this.#directory, { recursive: true });
  }
}

const read = (name) => readFile(new URL(name, import.meta.url), 'utf8');

// The documentation shows the addresses and paths of a deployment; here they are those of a test.
function adapted(text, { directory, port, upstreams }, replace) {
  const rules = [['/etc/tls/', `${directory}/`], ...replace({ port, upstreams })];
  return rules.reduce((result, [from, to]) => {
    if (!result.includes(from)) throw new Error(`the recipe has no ${from}`);
    return result.replaceAll(from, to);
  }, text);
}

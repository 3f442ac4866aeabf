// claviger's example program `resource_server`, with a configuration file.
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Program, build } from './program.mjs';

export class ResourceServer {
  #program;

  /** Starts the program with `configuration`, the text of its file, and waits until it serves; on any port unless told. */
  static async start(configuration, port = 0) {
    const directory = await mkdtemp(join(tmpdir(), 'claviger-interop-'));
    try {
      const file = join(directory, 'config.toml');
      await writeFile(file, configuration);
      const server = new ResourceServer();
      const listen = `127.0.0.1:${port}`;
      server.#program = await Program.start('resource_server', executable, ['--config', file, '--listen', listen]);
      return server;
    } finally {
      await rm(directory, { recursive: true });
    }
  }

  url(path) {
    return this.#program.url(path);
  }

  /** What the program says about its first issuer. */
  async issuerStatus() {
    const response = await fetch(this.url('/status'));
    const { issuers } = await response.json();
    return issuers[0];
  }

  /** The resident memory of the process, in bytes. */
  async memory() {
    const [, kibibytes] = /^VmRSS:\s+(\d+) kB$/m.exec(await readFile(`/proc/${this.#program.pid}/status`, 'utf8'));
    return 1024 * kibibytes;
  }

  async stop() {
    await this.#program.stop();
  }
}

/** For a server whose address must be known before it starts. */
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

const executable = process.env.CLAVIGER_RESOURCE_SERVER ?? (await build('resource_server'));

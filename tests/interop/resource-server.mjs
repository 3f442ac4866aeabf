// claviger's example program `resource_server`, as a process of its own.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const START_LIMIT = 10_000;
const STOP_LIMIT = 2_000;

export class ResourceServer {
  #log = [];
  #origin;
  #process;

  /** Starts the program with `configuration`, the text of its file, and waits until it serves; on any port unless told. */
  static async start(configuration, port = 0) {
    const server = new ResourceServer();
    try {
      await server.#start(configuration, port);
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  url(path) {
    return `${this.#origin}${path}`;
  }

  /** What the program says about its first issuer. */
  async issuerStatus() {
    const response = await fetch(this.url('/status'));
    const { issuers } = await response.json();
    return issuers[0];
  }

  async stop() {
    await end(this.#process);
  }

  async #start(configuration, port) {
    const directory = await mkdtemp(join(tmpdir(), 'claviger-interop-'));
    try {
      const file = join(directory, 'config.toml');
      await writeFile(file, configuration);
      this.#spawn(file, port);
      this.#origin = await this.#listening();
    } finally {
      await rm(directory, { recursive: true });
    }
  }

  #spawn(file, port) {
    const listen = `127.0.0.1:${port}`;
    this.#process = spawn(program, ['--config', file, '--listen', listen], { stdio: ['ignore', 'pipe', 'pipe'] });
    running.add(this.#process);
    this.#process.once('exit', () => running.delete(this.#process));
  }

  async #listening() {
    const settled = new AbortController();
    const ended = once(this.#process, 'close').then(([code]) => {
      throw new Error(`resource_server ended with ${code}:\n${this.#log.join('\n')}`);
    });
    const late = sleep(START_LIMIT, undefined, { signal: settled.signal }).then(() => {
      throw new Error(`resource_server does not listen:\n${this.#log.join('\n')}`);
    });
    try {
      return await Promise.race([this.#announcedOrigin(), ended, late]);
    } finally {
      settled.abort();
    }
  }

  // Both streams are read to their end: a full pipe would block the program.
  #announcedOrigin() {
    return new Promise((resolve) => {
      for (const stream of [this.#process.stdout, this.#process.stderr]) {
        createInterface({ input: stream }).on('line', (line) => {
          this.#log.push(line);
          const announced = /^listening on (http:\/\/\S+)$/.exec(line);
          if (announced) resolve(announced[1]);
        });
      }
    });
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

async function end(child) {
  if (!child?.pid || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT);
  await ended;
  clearTimeout(timer);
}

async function build() {
  const command = ['build', '--example', 'resource_server', '--message-format', 'json-render-diagnostics'];
  const workspace = fileURLToPath(new URL('../..', import.meta.url));
  const { stdout } = await promisify(execFile)('cargo', command, { cwd: workspace, maxBuffer: 2 ** 26 });
  const messages = stdout.trim().split('\n').map((line) => JSON.parse(line));
  return messages.findLast(({ executable, target }) => executable && target.name === 'resource_server').executable;
}

const program = process.env.CLAVIGER_RESOURCE_SERVER ?? (await build());

// No program outlives the suite, however that ends.
const running = new Set();
process.once('exit', () => running.forEach((child) => child.kill('SIGKILL')));
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

// An example program of claviger, as a process of its own.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Child } from './child.mjs';

export class Program {
  #child;
  #origin;

  /** Starts the executable `file` and waits until it says where it listens. */
  static async start(name, file, args, env = {}) {
    const program = new Program();
    [program.#child, program.#origin] = await Child.start(name, file, args, announcedOrigin, { env });
    return program;
  }

  url(path) {
    return `${this.#origin}${path}`;
  }

  get pid() {
    return this.#child.pid;
  }

  async stop() {
    await this.#child.stop();
  }
}

function announcedOrigin(eachLine) {
  return new Promise((resolve) => {
    eachLine((line) => {
      const announced = /^listening on (http:\/\/\S+)$/.exec(line);
      if (announced) resolve(announced[1]);
    });
  });
}

/** Builds the example `name`; the path of its executable. */
export async function build(name) {
  const command = ['build', '--workspace', '--features', FEATURES, '--example', name];
  const workspace = fileURLToPath(new URL('../..', import.meta.url));
  const args = [...command, '--message-format', 'json-render-diagnostics'];
  const { stdout } = await promisify(execFile)('cargo', args, { cwd: workspace, maxBuffer: 2 ** 26 });
  const messages = stdout.trim().split('\n').map((line) => JSON.parse(line));
  return messages.findLast(({ executable, target }) => executable && target.name === name).executable;
}

// Those of tests/run.sh: with others, cargo would build everything again.
const FEATURES = [
  'claviger-examples/grpc',
  'claviger-examples/mutual-tls',
  'claviger-examples/redis',
  'claviger-tests/redis',
].join();

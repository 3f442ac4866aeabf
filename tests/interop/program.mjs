// An example program of claviger, as a process of its own.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const START_LIMIT = 10_000;
const STOP_LIMIT = 2_000;

export class Program {
  #log = [];
  #name;
  #origin;
  #process;

  /** Starts the executable `file` and waits until it says where it listens. */
  static async start(name, file, args, env = {}) {
    const program = new Program();
    program.#name = name;
    try {
      program.#process = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } });
      running.add(program.#process);
      program.#process.once('exit', () => running.delete(program.#process));
      program.#origin = await program.#listening();
    } catch (error) {
      await program.stop();
      throw error;
    }
    return program;
  }

  url(path) {
    return `${this.#origin}${path}`;
  }

  async stop() {
    await end(this.#process);
  }

  async #listening() {
    const settled = new AbortController();
    const ended = once(this.#process, 'close').then(([code]) => {
      throw new Error(`${this.#name} ended with ${code}:\n${this.#log.join('\n')}`);
    });
    const late = sleep(START_LIMIT, undefined, { signal: settled.signal }).then(() => {
      throw new Error(`${this.#name} does not listen:\n${this.#log.join('\n')}`);
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

/** Builds the example `name`; the path of its executable. */
export async function build(name) {
  const command = ['build', '--example', name, '--message-format', 'json-render-diagnostics'];
  const workspace = fileURLToPath(new URL('../..', import.meta.url));
  const { stdout } = await promisify(execFile)('cargo', command, { cwd: workspace, maxBuffer: 2 ** 26 });
  const messages = stdout.trim().split('\n').map((line) => JSON.parse(line));
  return messages.findLast(({ executable, target }) => executable && target.name === name).executable;
}

async function end(child) {
  if (!child?.pid || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT);
  await ended;
  clearTimeout(timer);
}

// No program outlives the suite, however that ends.
const running = new Set();
process.once('exit', () => running.forEach((child) => child.kill('SIGKILL')));
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

// A process of another program, which ends with the suite at the latest.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

export const START_LIMIT = 20_000;
const STOP_LIMIT = 2_000;

export class Child {
  #listeners = [];
  #log = [];
  #name;
  #process;

  /**
   * Starts the executable `file` and waits until `isReady` resolves, which gets a function that adds a listener for
   * the lines of the process. Resolves to the child and to what `isReady` resolved to.
   */
  static async start(name, file, args, isReady, options = {}) {
    const child = new Child();
    child.#name = name;
    try {
      child.#spawn(file, args, options);
      return [child, await child.#ready(isReady)];
    } catch (error) {
      await child.stop();
      throw error;
    }
  }

  /** What the process wrote to both of its streams. */
  get log() {
    return this.#log.join('\n');
  }

  get pid() {
    return this.#process.pid;
  }

  async stop() {
    const child = this.#process;
    if (!child?.pid || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT);
    await ended;
    clearTimeout(timer);
  }

  #spawn(file, args, { env = {}, cwd }) {
    this.#process = spawn(file, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } });
    running.add(this.#process);
    this.#process.once('exit', () => running.delete(this.#process));
    // Both streams are read to their end: a full pipe would block the program.
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        this.#log.push(line);
        for (const listener of this.#listeners) listener(line);
      });
    }
  }

  async #ready(isReady) {
    const settled = new AbortController();
    const ended = once(this.#process, 'close').then(([code]) => {
      throw new Error(`${this.#name} ended with ${code}:\n${this.log}`);
    });
    const late = sleep(START_LIMIT, undefined, { signal: settled.signal }).then(() => {
      throw new Error(`${this.#name} is not ready:\n${this.log}`);
    });
    try {
      return await Promise.race([isReady((listener) => this.#listeners.push(listener)), ended, late]);
    } catch (error) {
      if (error.code === 'ENOENT') throw new Error(`${this.#name} is not installed; tests/run.sh does it`);
      throw error;
    } finally {
      settled.abort();
    }
  }
}

// No program outlives the suite, however that ends.
const running = new Set();
process.once('exit', () => running.forEach((child) => child.kill('SIGKILL')));
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

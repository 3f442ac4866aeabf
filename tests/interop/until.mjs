// Waits for something that another process does in its own time.
import { setTimeout as sleep } from 'node:timers/promises';

const INTERVAL = 25;

/** Asks `probe` again and again until it answers something true, and returns that; gives up after `limit` ms. */
export async function until(what, limit, probe) {
  const end = performance.now() + limit;
  while (performance.now() < end) {
    const found = await probe();
    if (found) return found;
    await sleep(INTERVAL);
  }
  throw new Error(`not within ${limit} ms: ${what}`);
}

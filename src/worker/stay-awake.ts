/** Keeps the screen awake while something long runs, where the platform lets a page: a phone that sleeps stops it. */

let running = 0;
let lock: WakeLockSentinel | undefined;

export async function whileAwake<T>(work: () => Promise<T>): Promise<T> {
  running++;
  if (running === 1) document.addEventListener("visibilitychange", ask);
  ask();
  try {
    return await work();
  } finally {
    running--;
    if (running === 0) {
      document.removeEventListener("visibilitychange", ask);
      void lock?.release();
      lock = undefined;
    }
  }
}

function ask(): void {
  void request();
}

/** A hidden page loses its lock, and may ask again once it is seen. Refused, the screen sleeps as it always does. */
async function request(): Promise<void> {
  if (document.visibilityState !== "visible" || lock?.released === false) return;
  try {
    const asked = await (navigator.wakeLock as WakeLock | undefined)?.request("screen");
    if (running > 0) lock = asked;
    else await asked?.release();
  } catch {
    // battery saver, or a policy of the browser's
  }
}

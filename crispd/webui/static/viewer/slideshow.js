// One photo after another by itself; the screen stays on meanwhile.

const SECONDS = 5;

export class Slideshow {
  /**
   * advance: the next photo; false at the end. changed: it began or ended.
   * @param {{ advance(): Promise<boolean>, changed(running: boolean): void }} on
   */
  constructor(on) {
    this.on = on;
    this.running = false;
    /** @type {number | undefined} */
    this.timer = undefined;
    /** @type {WakeLockSentinel | null} */
    this.lock = null;
  }

  toggle() {
    if (this.running) this.stop();
    else this.start();
  }

  async start() {
    this.running = true;
    this.on.changed(true);
    this.wait();
    try {
      const lock = await navigator.wakeLock?.request("screen");
      if (this.running) this.lock = lock;
      else lock?.release();
    } catch {
      // a browser that does not let the screen be kept on, or a battery that is low
    }
  }

  stop() {
    if (!this.running) return;
    this.running = false;
    clearTimeout(this.timer);
    this.lock?.release();
    this.lock = null;
    this.on.changed(false);
  }

  // From now on, for a photo that somebody turned to by hand, too.
  wait() {
    if (!this.running) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(async () => {
      if (document.hidden || (await this.on.advance())) this.wait();
      else this.stop();
    }, SECONDS * 1000);
  }
}

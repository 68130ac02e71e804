/** How many connections a download comes to, by how fast they are. */
import { describe, expect, it } from "vitest";
import { backoff } from "../../src/store/clock";
import { Connections, MOST_CONNECTIONS } from "../../src/store/connections";
import { Speed } from "../../src/store/speed";

/** A minute of a line of its own speed, on which each connection gets so much at most. [bytes/s] */
function settle(line: number, each: number): number[] {
  const connections = new Connections();
  const limits: number[] = [];
  let bytes = 0;
  for (let now = 0; now < 60_000; now += 100) {
    connections.observe(now, bytes, connections.limit);
    bytes += Math.min(line, each * connections.limit) / 10;
    if (limits.at(-1) !== connections.limit) limits.push(connections.limit);
  }
  return limits;
}

describe("connections", () => {
  it("become as many as the line is worth, six at most", () => {
    expect(settle(100e6, 10e6)).toEqual([2, 3, 4, 5, 6]);
    expect(MOST_CONNECTIONS).toBe(6);
  });

  it("stay few where one more brings nothing", () => {
    expect(settle(10e6, 10e6)).toEqual([2, 3, 2]);
    expect(settle(35e6, 10e6)).toEqual([2, 3, 4, 5, 4]);
  });

  it("become fewer when the host asks for it, and stay so", () => {
    const connections = new Connections();
    for (let i = 0; i < 5; i++) connections.giveWay();
    expect(connections.limit).toBe(1);
    for (let now = 0; now < 20_000; now += 100) connections.observe(now, now * now, 1);
    expect(connections.limit).toBe(1);
  });

  it("learn nothing while there is less to fetch than they could", () => {
    const connections = new Connections();
    for (let now = 0; now < 20_000; now += 100) connections.observe(now, now * now, 1);
    expect(connections.limit).toBe(2);
  });
});

describe("speed", () => {
  it("is what it is from the start, and follows a change within seconds", () => {
    const speed = new Speed(0);
    const pass = (from: number, to: number, bytesPerSecond: number): number => {
      let rate = 0;
      for (let now = from + 250; now <= to; now += 250) {
        speed.add(bytesPerSecond / 4);
        rate = speed.measure(now);
      }
      return rate;
    };
    expect(pass(0, 250, 8e6)).toBeCloseTo(8e6);
    expect(pass(250, 10_000, 8e6)).toBeCloseTo(8e6);
    expect(pass(10_000, 11_000, 2e6)).toBeGreaterThan(5e6); // smoothed
    expect(pass(11_000, 30_000, 2e6)).toBeLessThan(2.2e6);
    expect(pass(30_000, 60_000, 0)).toBeLessThan(1e5);
  });
});

it("waits longer after each break in a row, half a minute at most, and not in step", () => {
  for (let breaks = 1; breaks <= 12; breaks++) {
    const longest = Math.min(30_000, 500 * 2 ** (breaks - 1));
    const pauses = Array.from({ length: 50 }, () => backoff(breaks));
    expect(Math.max(...pauses)).toBeLessThanOrEqual(longest);
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(longest / 2);
    expect(new Set(pauses).size).toBeGreaterThan(40);
  }
});

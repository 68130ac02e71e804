/**
 * Where conversations and presets lie in IndexedDB: one object store, so that one transaction can hold a conversation's
 * head and its messages. Keys: ["head", conversation], ["message", conversation, message], ["preset", preset], and
 * ["epoch"], by which it is known again after the browser has cleared it.
 */
import { createStore, promisifyRequest, type UseStore } from "idb-keyval";
import { withDeadline } from "../shared/deadline";
import { asStorageError } from "../shared/storage-errors";
import { milliseconds } from "../shared/units";

/** A browser that has not opened a database by then never does, as some don't after their disk was full. */
const OPENING = milliseconds(10_000);

let opened: UseStore | undefined;

async function open(): Promise<UseStore> {
  opened ??= createStore("ingle-chats", "records");
  const use = opened;
  await withDeadline(
    use("readonly", () => undefined),
    OPENING,
    "The browser's storage",
  );
  return use;
}

/**
 * All of `work` or nothing: when it throws, what it wrote is not kept. It may wait for its own requests only: a
 * transaction ends by itself while anything else is waited for.
 *
 * @throws IngleError "storage-full"; "storage-failed"; "timed-out"; as `work`
 */
export async function transact<T>(mode: IDBTransactionMode, work: (records: IDBObjectStore) => Promise<T>): Promise<T> {
  try {
    const use = await open();
    return await use(mode, async (records) => {
      const { transaction } = records;
      const end = ended(transaction);
      end.catch(() => undefined); // where `work` throws, that is what is told
      let result: T;
      try {
        result = await work(records);
      } catch (thrown) {
        abort(transaction);
        throw asStorageError(thrown);
      }
      await end;
      return result;
    });
  } catch (thrown) {
    throw asStorageError(thrown);
  }
}

/** Unlike idb-keyval's, waits for the abort after an error: only then the transaction says what it was. */
function ended(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(asStorageError(transaction.error));
  });
}

function abort(transaction: IDBTransaction): void {
  try {
    transaction.abort();
  } catch {
    // It has ended already.
  }
}

/** Which database this is: where the browser cleared the old one, the next write begins another. */
export async function epochOf(records: IDBObjectStore): Promise<unknown> {
  const kept = await promisifyRequest<unknown>(records.get(["epoch"]));
  if (kept !== undefined || records.transaction.mode === "readonly") return kept;
  const begun = Math.random();
  records.put(begun, ["epoch"]);
  return begun;
}

export type Key = readonly ["head" | "preset", string] | readonly ["message", string, string];

export function read(records: IDBObjectStore, key: Key): Promise<unknown> {
  return promisifyRequest<unknown>(records.get([...key]));
}

export async function isThere(records: IDBObjectStore, key: Key): Promise<boolean> {
  return (await promisifyRequest(records.count([...key]))) > 0;
}

/** Whether there is room shows when the transaction ends. */
export function put(records: IDBObjectStore, key: Key, value: object): void {
  records.put(value, [...key]);
}

export function remove(records: IDBObjectStore, key: Key): void {
  records.delete([...key]);
}

/** Every record, one after the other: never all of them at once in memory. */
export function visitAll(records: IDBObjectStore, visit: (record: unknown) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = records.openCursor();
    request.onerror = () => reject(asStorageError(request.error));
    request.onsuccess = () => {
      const cursor = request.result;
      if (cursor === null) {
        resolve();
        return;
      }
      visit(cursor.value);
      cursor.continue();
    };
  });
}

type Prefix = readonly ["head" | "preset" | "message"] | readonly ["message", string];

export function removeAll(records: IDBObjectStore, prefix: Prefix): void {
  records.delete(rangeOf(prefix));
}

/** The last part of each key, with its value, in the keys' order. */
export async function readAll(
  records: IDBObjectStore,
  prefix: Prefix,
): Promise<readonly { readonly id: string; readonly record: unknown }[]> {
  const range = rangeOf(prefix);
  const [keys, values] = await Promise.all([
    promisifyRequest(records.getAllKeys(range)),
    promisifyRequest<unknown[]>(records.getAll(range)),
  ]);
  return (keys as string[][]).map((key, i) => ({ id: key.at(-1) ?? "", record: values[i] }));
}

/** All keys that begin so: in IndexedDB's order an array comes after every text. */
function rangeOf(prefix: readonly string[]): IDBKeyRange {
  return IDBKeyRange.bound([...prefix], [...prefix, []]);
}

/** A typed list of listeners by name. */
export interface Emitter<T> {
  on: <K extends keyof T>(name: K, listener: (data: T[K]) => void) => () => void;
  emit: <K extends keyof T>(name: K, data: T[K]) => void;
}

export function createEmitter<T>(): Emitter<T> {
  const lists = new Map<keyof T, Set<(data: never) => void>>();
  return {
    on(name, listener) {
      const list = lists.get(name) ?? new Set();
      lists.set(name, list);
      list.add(listener);
      return () => list.delete(listener);
    },
    emit(name, data) {
      // A copy: a listener may remove itself.
      for (const listener of Array.from(lists.get(name) ?? [])) {
        try {
          listener(data as never);
        } catch (error) {
          // One listener's fault is not the others', nor the sender's; the browser tells of it as of any other.
          queueMicrotask(() => {
            throw error;
          });
        }
      }
    },
  };
}
